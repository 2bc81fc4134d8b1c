({values:e,first:n,option:i})=>{const o=window._paq=window._paq||[],s=e(!0,!1).consent;n&&s||o.push([n?"require"+i:s?"set"+i+"Given":"forget"+i+"Given"])};
