document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "{{ads}}/s.css" }));
