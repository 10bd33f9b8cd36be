"""The proxies that the environment names."""

import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3


def proxy_for(url: str) -> str:
    """The address of the proxy for a URL, by HTTPS_PROXY, ALL_PROXY and NO_PROXY; "" for none."""
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme.lower()) or proxies.get("all") or ""
    if not proxy or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def manager_for(proxy: str, **options: Any) -> urllib3.PoolManager:
    """What keeps connections that go through a proxy; "" for none."""
    if not proxy:
        return urllib3.PoolManager(**options)
    parts = urlsplit(proxy)
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme.lower().startswith("socks"):
        from urllib3.contrib.socks import SOCKSProxyManager  # Needs PySocks.

        return SOCKSProxyManager(proxy, username=name or None, password=password or None, **options)
    login = urllib3.make_headers(proxy_basic_auth=f"{name}:{password}") if name else None
    return urllib3.ProxyManager(proxy, proxy_headers=login, **options)
