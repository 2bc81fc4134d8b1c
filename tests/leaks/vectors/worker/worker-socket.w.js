try { new WebSocket("ws://{{ads-host}}/s"); } catch {}
