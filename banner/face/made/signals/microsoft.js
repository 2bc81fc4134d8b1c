({values:e,first:d})=>{(window.uetq=window.uetq||[]).push("consent",d?"default":"update",e("granted","denied"))};
