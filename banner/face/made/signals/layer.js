({first:e,option:a,state:t,purposes:s})=>{(window[a]=window[a]||[]).push({event:e?"bandeau_default":"bandeau_update",bandeau:{state:t,purposes:s}})};
