// Shopify has defaults of its own and no way to set them; telling it costs a request, so it is told an answer, and only one
// that it does not know yet.
({ values, first, later }) => {
  if (first) return;
  const wanted = values(true, false);
  later(() => {
    const shop = window.Shopify;
    if (shop && shop.loadFeatures) shop.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], (error) => {
      const privacy = shop.customerPrivacy;
      if (error || !privacy) return;
      const known = privacy.currentVisitorConsent ? privacy.currentVisitorConsent() : {};
      if (Object.keys(wanted).some((name) => known[name] !== (wanted[name] ? "yes" : "no"))) privacy.setTrackingConsent(wanted, () => {});
    });
  });
}
