fetch("{{ads}}/d.json").catch(() => {});
