import "/tool/cookieconsent.umd.js";
CookieConsent.run({
  categories: {
    necessary: { enabled: true, readOnly: true },
    ads: {},
    social: {},
  },
  language: {
    default: "en",
    translations: {
      en: {
        consentModal: {
          title: "We use cookies",
          description: "With your consent, this site and its partners keep cookies on your device for the purposes below.",
          acceptAllBtn: "Accept all",
          acceptNecessaryBtn: "Reject all",
          showPreferencesBtn: "Manage preferences",
        },
        preferencesModal: {
          title: "Manage cookie preferences",
          acceptAllBtn: "Accept all",
          acceptNecessaryBtn: "Reject all",
          savePreferencesBtn: "Accept current selection",
          closeIconLabel: "Close",
          sections: [
            { title: "Advertising", description: "Shows you advertisements that fit you.", linkedCategory: "ads" },
            { title: "Social networks", description: "Shows what others say.", linkedCategory: "social" },
          ],
        },
      },
    },
  },
});
