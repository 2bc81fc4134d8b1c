localStorage.setItem("{{key}}", "{{value}}"); fetch("/seen/{{name}}?v=" + encodeURIComponent(localStorage.getItem("{{key}}")));
