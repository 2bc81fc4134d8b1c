//! Two tables of facts that no catalogue of services has: the domains of those who deliver other people's sites, and the names
//! under which consent tools keep an answer. What follows from them it does not know.

/// Registrable domains, or hosts above which every name is a customer's, of networks that deliver and host sites.
const HOSTING: &[&str] = &[
    "akadns.net",
    "akamai.net",
    "akamaiedge.net",
    "akamaized.net",
    "amazonaws.com",
    "awsglobalaccelerator.com",
    "azure.com",
    "azureedge.net",
    "azurefd.net",
    "azurewebsites.net",
    "b-cdn.net",
    "cachefly.net",
    "cdn77.org",
    "cdngc.net",
    "cloudapp.net",
    "cloudflare.net",
    "cloudfront.net",
    "digitaloceanspaces.com",
    "edgecastcdn.net",
    "edgekey.net",
    "edgesuite.net",
    "elb.amazonaws.com",
    "fastly.net",
    "fastlylb.net",
    "footprint.net",
    "github.io",
    "gitlab.io",
    "googlehosted.com",
    "googleusercontent.com",
    "herokuapp.com",
    "herokudns.com",
    "hwcdn.net",
    "impervadns.net",
    "incapdns.net",
    "infomaniak.com",
    "keycdn.com",
    "kinsta.cloud",
    "kxcdn.com",
    "llnwd.net",
    "msedge.net",
    "myshopify.com",
    "netlify.app",
    "netlifyglobalcdn.com",
    "ovh.net",
    "pantheonsite.io",
    "platformsh.site",
    "quic.cloud",
    "scw.cloud",
    "squarespace.com",
    "stackpathdns.com",
    "sucuri.net",
    "t-msedge.net",
    "trafficmanager.net",
    "vercel-dns.com",
    "wixdns.net",
    "wordpress.com",
    "wpengine.com",
    "wpenginepowered.com",
];

/// Names of cookies and storage keys under which a consent tool keeps the answer; `*` at the end for any rest.
const CHOICES: &[&str] = &[
    "CMSCookieLevel",
    "CONSENTMGR",
    "CookieConsent",
    "CookieConsentBulkSetting-*",
    "CookieLawInfoConsent",
    "CookieScriptConsent",
    "OptanonAlertBoxClosed",
    "OptanonConsent",
    "_axeptio_*",
    "__Host-bandeau",
    "_evidon_consent_cookie",
    "_iub_cs-*",
    "addtl_consent",
    "axeptio_*",
    "bandeau",
    "borlabs-cookie",
    "cc_cookie",
    "cmapi_cookie_privacy",
    "cmplz_*",
    "cookie_consent*",
    "cookieconsent*",
    "cookiefirst-consent",
    "cookiehub",
    "cookielawinfo-*",
    "cookienotice*",
    "cookieyes-consent",
    "didomi_token",
    "eu-consent",
    "eu_cookie_consent",
    "euconsent",
    "euconsent-v2",
    "fundingchoices*",
    "FCCDCF",
    "FCNEC",
    "gdpr_consent*",
    "hs-banner-*",
    "__hs_cookie_cat_pref",
    "__hs_initial_opt_in",
    "__hs_opt_out",
    "klaro",
    "moove_gdpr_popup",
    "notice_behavior",
    "notice_gdpr_prefs",
    "notice_preferences",
    "orejime",
    "osano_consentmanager*",
    "real_cookie_banner*",
    "sp_*consent*",
    "tarteaucitron",
    "truste.eu.cookie.*",
    "uc_settings",
    "uc_user_interaction",
    "usprivacy",
    "viewed_cookie_policy",
];

/// Whether a host is one of a network that delivers other people's sites.
pub(crate) fn hosting(host: &str) -> bool {
    let below = |above: &&str| host.strip_suffix(*above).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    HOSTING.iter().any(below)
}

/// Whether an answer is kept under this name.
pub(crate) fn choice(name: &str) -> bool {
    let fits = |known: &&str| match known.split_once('*') {
        Some((begin, end)) => name
            .strip_prefix(begin)
            .is_some_and(|rest| end.trim_end_matches('*').is_empty() || rest.contains(end.trim_end_matches('*'))),
        None => name == *known,
    };
    CHOICES.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosting_is_a_whole_label() {
        assert!(hosting("d1.cloudfront.net") && hosting("x.eu.elb.amazonaws.com") && hosting("fastly.net"));
        assert!(!hosting("notcloudfront.net") && !hosting("cloudfront.net.evil.test"));
    }

    #[test]
    fn answers_are_known_by_name() {
        for name in ["cc_cookie", "klaro", "tarteaucitron", "__Host-bandeau", "cmplz_marketing", "sp_consent_x"] {
            assert!(choice(name), "{name}");
        }
        for name in ["cc_cookies", "klaro2", "_ga", "session", "xcmplz_marketing", "sp_id"] {
            assert!(!choice(name), "{name}");
        }
    }
}
