// The page the live part is in.
document.body.innerHTML = '<h1 id="title" tabindex="-1"></h1><div id="live"></div>';
