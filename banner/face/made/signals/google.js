({values:n,first:t,option:d})=>{const e=window[d]=window[d]||[];!function(){e.push(arguments)}("consent",t?"default":"update",n("granted","denied"))};
