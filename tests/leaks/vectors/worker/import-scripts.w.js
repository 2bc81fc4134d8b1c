try { importScripts("{{ads}}/t.js"); } catch {}
