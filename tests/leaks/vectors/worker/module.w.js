import "{{ads}}/t.js";
