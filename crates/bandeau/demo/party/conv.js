// Enseigne: counts a conversion, whatever the tag manager calls one.
new Image().src = "{{ads}}/conv.gif?from=tm&page=" + encodeURIComponent(location.pathname);
