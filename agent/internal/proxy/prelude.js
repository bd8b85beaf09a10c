// The functions that a proxy auto-configuration script may call.
"use strict";
(function (global) {
  function number(address) {
    const parts = String(address).split(".");
    if (parts.length !== 4) return null;
    let n = 0;
    for (const part of parts) {
      if (!/^\d{1,3}$/.test(part) || +part > 255) return null;
      n = n * 256 + +part;
    }
    return n;
  }
  const days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
  const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

  // without takes a trailing "GMT" off the arguments and tells whether it was
  // there.
  function without(args) {
    const list = Array.from(args);
    const gmt = list.length > 0 && String(list[list.length - 1]).toUpperCase() === "GMT";
    if (gmt) list.pop();
    return [list, gmt];
  }
  function between(low, value, high) {
    return low <= high ? low <= value && value <= high : value >= low || value <= high;
  }

  Object.assign(global, {
    alert() {},
    isPlainHostName(host) { return !String(host).includes("."); },
    dnsDomainIs(host, domain) { return String(host).toLowerCase().endsWith(String(domain).toLowerCase()); },
    localHostOrDomainIs(host, full) {
      host = String(host).toLowerCase();
      full = String(full).toLowerCase();
      return host === full || !host.includes(".") && full.startsWith(host + ".");
    },
    dnsDomainLevels(host) { return String(host).split(".").length - 1; },
    dnsResolve(host) { return __resolve(String(host)) || null; },
    isResolvable(host) { return __resolve(String(host)) !== ""; },
    myIpAddress() { return __myAddress(); },
    convert_addr(address) { const n = number(address); return n === null ? 0 : n | 0; },
    isInNet(host, pattern, mask) {
      const address = number(__resolve(String(host))), net = number(pattern), bits = number(mask);
      return address !== null && net !== null && bits !== null && (address & bits) === (net & bits);
    },
    shExpMatch(text, pattern) {
      const expression = String(pattern).replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
      return new RegExp("^" + expression + "$", "s").test(String(text));
    },
    weekdayRange() {
      const [list, gmt] = without(arguments), now = new Date();
      const [first, last] = list.map((day) => days.indexOf(String(day).toUpperCase()));
      const today = gmt ? now.getUTCDay() : now.getDay();
      return first >= 0 && (last === undefined ? today === first : last >= 0 && between(first, today, last));
    },
    timeRange() {
      const [list, gmt] = without(arguments), now = new Date();
      const n = list.map(Number);
      const seconds = (gmt ? now.getUTCHours() : now.getHours()) * 3600 + (gmt ? now.getUTCMinutes() : now.getMinutes()) * 60 +
        (gmt ? now.getUTCSeconds() : now.getSeconds());
      switch (n.length) {
        case 1: return Math.floor(seconds / 3600) === n[0];
        case 2: return between(n[0] * 3600, seconds, n[1] * 3600 + 3599);
        case 4: return between(n[0] * 3600 + n[1] * 60, seconds, n[2] * 3600 + n[3] * 60 + 59);
        case 6: return between(n[0] * 3600 + n[1] * 60 + n[2], seconds, n[3] * 3600 + n[4] * 60 + n[5]);
      }
      return false;
    },
    dateRange() {
      const [list, gmt] = without(arguments), now = new Date();
      const today = {
        year: gmt ? now.getUTCFullYear() : now.getFullYear(),
        month: gmt ? now.getUTCMonth() : now.getMonth(),
        day: gmt ? now.getUTCDate() : now.getDate(),
      };
      const parts = list.map((value) => {
        const month = months.indexOf(String(value).toUpperCase());
        if (month >= 0) return ["month", month];
        return [+value > 31 ? "year" : "day", +value];
      });
      if (parts.length === 1) return today[parts[0][0]] === parts[0][1];
      if (parts.length % 2 !== 0 || parts.length > 6 || parts.length === 0) return false;
      // Both ends name the same units; compare in the order year, month, day.
      const half = parts.length / 2;
      const from = Object.fromEntries(parts.slice(0, half)), to = Object.fromEntries(parts.slice(half));
      let low = 0, high = 0, value = 0;
      for (const [unit, size] of [["year", 1], ["month", 12], ["day", 32]]) {
        if ((unit in from) !== (unit in to)) return false;
        if (!(unit in from)) continue;
        low = low * size + from[unit];
        high = high * size + to[unit];
        value = value * size + today[unit];
      }
      return between(low, value, high);
    },
  });
})(globalThis);
