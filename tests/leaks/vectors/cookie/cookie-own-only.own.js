document.cookie = "{{key}}={{value}}; path=/"; fetch("/seen/{{name}}?v=" + encodeURIComponent(document.cookie));
