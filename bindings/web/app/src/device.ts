// A plain name for this device, so that colleagues can tell two phones of one person apart.

export function deviceLabel(): string {
  const agent = navigator.userAgent;
  const kind = /iPhone|iPad/.exec(agent)?.[0] ?? (/Android/.test(agent) ? "Android" : /Windows/.test(agent) ? "Windows" : /Mac/.test(agent) ? "Mac" : "Linux");
  const browser = /Firefox/.test(agent) ? "Firefox" : /Edg\//.test(agent) ? "Edge" : /Chrome/.test(agent) ? "Chrome" : "Safari";
  return `${kind} · ${browser}`;
}
