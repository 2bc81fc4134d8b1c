({values:n})=>{const i=window.clarity=window.clarity||function(){(i.q=i.q||[]).push(arguments)};i("consentv2",n("granted","denied"))};
