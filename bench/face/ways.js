// The ways a page can ask: none, Bandeau, and each library as its own documentation installs it, with the same five
// purposes in English. `notice`, `accept` and `refuse` are expressions that find an element of the first layer in the page.
import { readFileSync } from "node:fs";

export const PURPOSES = [
  ["audience-plus", "Detailed audience measurement", "Outside tools follow your path through the site, to learn what is read."],
  ["profile", "Profile and personalisation", "What you read makes a profile of your interests, which decides what the site shows you first."],
  ["advertising", "Targeted advertising", "Advertisers and their partners recognise your device, choose advertisements and measure their effect."],
  ["social", "Social networks", "Posts, share buttons and comments run by social networks, which learn which pages you read."],
  ["media", "Videos, maps and podcasts", "Players and maps from other hosts, which learn which page you read and from where."],
];

const dist = (path) => readFileSync(new URL(`node_modules/${path}`, import.meta.url));
const version = (name) => JSON.parse(dist(`${name}/package.json`)).version;
const json = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");
const object = (make) => Object.fromEntries(PURPOSES.map(make));

// A page is { head, end }: what the installation adds to the head and to the end of the body; files are what it asks for.
export const WAYS = [
  { id: "bare", name: "no notice" },
  {
    id: "bandeau",
    name: "Bandeau",
    notice: "document.querySelector('bandeau-notice')?.shadowRoot?.querySelector('.n')",
    accept: "(h=>h?.querySelector('button[value=accept]')??h?.shadowRoot?.querySelector('.n [value=accept]'))(document.querySelector('bandeau-notice'))",
    refuse: "(h=>h?.querySelector('button[value=refuse]')??h?.shadowRoot?.querySelector('.n [value=refuse]'))(document.querySelector('bandeau-notice'))",
  },
  {
    id: "tarteaucitron",
    name: `tarteaucitronjs ${version("tarteaucitronjs")}`,
    head: `<script src="/tac/tarteaucitron.min.js"></script><script>tarteaucitron.init({"privacyUrl":"/privacy","bodyPosition":"bottom",
"hashtag":"#tarteaucitron","cookieName":"tarteaucitron","orientation":"middle","groupServices":false,"showDetailsOnClick":true,
"serviceDefaultState":"wait","showAlertSmall":false,"cookieslist":false,"showIcon":true,"iconPosition":"BottomRight","adblocker":false,
"DenyAllCta":true,"AcceptAllCta":true,"highPrivacy":true,"handleBrowserDNTRequest":false,"removeCredit":false,"moreInfoLink":true,
"useExternalCss":false,"useExternalJs":false,"readmoreLink":"","mandatory":true,"mandatoryCta":true});tarteaucitronForceLanguage="en";</script>`,
    end: `<script>${PURPOSES.map(([id, title]) => {
      const key = id.replace("-", "");
      return `tarteaucitron.services.${key}=${json({ key, type: "other", name: title, needConsent: true, cookies: [] }).slice(0, -1)},js:function(){},fallback:function(){}};(tarteaucitron.job=tarteaucitron.job||[]).push("${key}");`;
    }).join("")}</script>`,
    files: {
      "/tac/tarteaucitron.min.js": () => dist("tarteaucitronjs/tarteaucitron.min.js"),
      "/tac/tarteaucitron.services.min.js": () => dist("tarteaucitronjs/tarteaucitron.services.min.js"),
      "/tac/lang/tarteaucitron.en.min.js": () => dist("tarteaucitronjs/lang/tarteaucitron.en.min.js"),
      "/tac/css/tarteaucitron.min.css": () => dist("tarteaucitronjs/css/tarteaucitron.min.css"),
    },
    notice: "document.querySelector('#tarteaucitronAlertBig')",
    accept: "document.querySelector('#tarteaucitronPersonalize2')",
    refuse: "document.querySelector('#tarteaucitronAllDenied2')",
  },
  {
    id: "klaro",
    name: `klaro ${version("klaro")}`,
    head: `<script defer src="/klaro/config.js"></script><script defer src="/klaro/klaro.js"></script>`,
    files: {
      "/klaro/config.js": () => `var klaroConfig=${json({
        version: 1, elementID: "klaro", styling: { theme: ["light", "bottom", "wide"] }, storageMethod: "cookie", cookieName: "klaro",
        default: false, mustConsent: false, acceptAll: true, hideDeclineAll: false, lang: "en",
        translations: {
          zz: { privacyPolicyUrl: "/privacy" },
          en: { ...object(([id, title, description]) => [id, { title, description }]), purposes: object(([id, title]) => [id, title]) },
        },
        services: PURPOSES.map(([name]) => ({ name, purposes: [name], cookies: [] })),
      })};`,
      "/klaro/klaro.js": () => dist("klaro/dist/klaro.js"),
    },
    notice: "document.querySelector('.klaro .cookie-notice')",
    accept: "document.querySelector('.klaro .cm-btn-success')",
    refuse: "document.querySelector('.klaro .cn-decline')",
  },
  {
    id: "orejime",
    name: `orejime ${version("orejime")}`,
    head: `<script>window.orejimeConfig=${json({
      privacyPolicyUrl: "/privacy",
      purposes: PURPOSES.map(([id, title, description]) => ({ id, title, description, cookies: [] })),
    })};</script><script src="/orejime/orejime-standard-en.js"></script><link href="/orejime/orejime-standard.css" rel="stylesheet">`,
    files: {
      "/orejime/orejime-standard-en.js": () => dist("orejime/dist/orejime-standard-en.js"),
      "/orejime/orejime-standard.css": () => dist("orejime/dist/orejime-standard.css"),
    },
    notice: "document.querySelector('.orejime-Banner')",
    accept: "document.querySelector('.orejime-Banner-saveButton')",
    refuse: "document.querySelector('.orejime-Banner-declineButton')",
  },
  {
    id: "vanilla-cookieconsent",
    name: `vanilla-cookieconsent ${version("vanilla-cookieconsent")}`,
    head: `<link rel="stylesheet" href="/vcc/cookieconsent.css">`,
    end: `<script type="module" src="/vcc/config.js"></script>`,
    files: {
      "/vcc/cookieconsent.css": () => dist("vanilla-cookieconsent/dist/cookieconsent.css"),
      "/vcc/cookieconsent.umd.js": () => dist("vanilla-cookieconsent/dist/cookieconsent.umd.js"),
      "/vcc/config.js": () => `import "/vcc/cookieconsent.umd.js";CookieConsent.run(${json({
        // By default it hides from browsers that say they are driven by a program, as this one does.
        hideFromBots: false,
        categories: { necessary: { enabled: true, readOnly: true }, ...object(([id]) => [id, {}]) },
        language: {
          default: "en",
          translations: {
            en: {
              consentModal: {
                title: "Cookies and tracking: your choice",
                description: "With your consent, the site and 5 services can store and read information such as cookies on your device for these purposes.",
                acceptAllBtn: "Accept all", acceptNecessaryBtn: "Reject all", showPreferencesBtn: "Set my choices",
                footer: '<a href="/privacy">Privacy policy</a>',
              },
              preferencesModal: {
                title: "Your choices", acceptAllBtn: "Accept all", acceptNecessaryBtn: "Reject all", savePreferencesBtn: "Save my choices", closeIconLabel: "Close",
                sections: PURPOSES.map(([linkedCategory, title, description]) => ({ title, description, linkedCategory })),
              },
            },
          },
        },
      })});`,
    },
    notice: "document.querySelector('#cc-main .cm')",
    accept: "document.querySelector('#cc-main .cm__btn[data-role=all]')",
    refuse: "document.querySelector('#cc-main .cm__btn[data-role=necessary]')",
  },
];

// The gateway before the same page: five services, one a purpose, and one that is exempt.
export const config = (listen, upstream, host) => `listen = "${listen}"
upstream = "${upstream}"
[site]
name = "The Evening News"
hosts = ["${host}"]
controller = "Evening News Ltd, 1 Harbour Street"
privacy = "/privacy"
languages = ["en"]
[[service]]
id = "site"
name = "The site itself"
purpose = "technical"
data = ["usage"]
cookies = ["session"]
${PURPOSES.map(([id, title]) => `[[service]]
id = "s-${id}"
name = "${title}"
purpose = "${id}"
controller = "Service Ltd"
privacy = "https://${id}.example/privacy"
data = ["ip-address", "browsing"]
retention = "13 months"
hosts = ["${id}.example"]
cookies = ["_${id.replace("-", "")}_*"]
`).join("")}`;
