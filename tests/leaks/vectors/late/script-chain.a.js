setTimeout(() => { const s = document.createElement("script"); s.src = "/v/{{name}}/b.js"; document.head.append(s); }, 50);
