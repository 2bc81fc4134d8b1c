fetch("{{social}}/worker.json", { mode: "no-cors" });
