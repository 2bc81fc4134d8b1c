try { new Worker("/v/{{name}}/inner.js"); } catch {}
