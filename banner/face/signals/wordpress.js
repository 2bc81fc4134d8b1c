// WP Consent API. Cookies only where the site asks for them: they live as long as the browser is open and are written anew
// on every page, before any script of the site asks.
({ values, first, option, later }) => {
  const said = values("allow", "deny"), secure = location.protocol === "https:" ? ";secure" : "";
  window.wp_consent_type = "optin";
  if (option) for (const name in said) {
    document.cookie = "wp_consent_" + name + "=" + (first ? ";max-age=0" : said[name]) + ";path=/;samesite=lax" + secure;
  }
  later(() => {
    document.dispatchEvent(new CustomEvent(first ? "wp_consent_type_defined" : "wp_listen_for_consent_change", { detail: said }));
  });
}
