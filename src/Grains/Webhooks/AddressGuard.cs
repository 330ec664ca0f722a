using System.Net;
using System.Net.Sockets;

namespace Actors.Grains.Webhooks;

/// <summary>Which addresses may be called. A business says where its webhooks go: what is near to us must not be reachable through us.</summary>
internal static class AddressGuard
{
    /// <summary>
    /// Never, whatever is configured: this host as a source, link-local (there clouds hand out their machines' credentials, and at single other addresses),
    /// multicast, reserved.
    /// </summary>
    private static readonly IPNetwork[] Never = Networks(
        "0.0.0.0/8", "100.100.100.200/32", "168.63.129.16/32", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    /// <summary>Of IPv6, what clouds hand out credentials at, in the midst of unique local addresses.</summary>
    private static readonly IPNetwork[] NeverV6 = Networks("fd00:ec2::254/128", "fd20:ce::254/128");

    /// <summary>Only where private addresses are allowed: loopback, private, shared by carriers, benchmarks.</summary>
    private static readonly IPNetwork[] Private = Networks("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15");

    /// <summary>Of IPv6, only where private addresses are allowed: loopback, unique local.</summary>
    private static readonly IPNetwork[] PrivateV6 = Networks("::1/128", "fc00::/7");

    /// <summary>All that is given out for the internet.</summary>
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    /// <summary>Of that, what isn't: special purposes (Teredo, benchmarks, ORCHID), documentation, 6to4, which hides an IPv4 address.</summary>
    private static readonly IPNetwork[] NotGlobalV6 = Networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /// <summary>Behind these 96 bits there is an IPv4 address that a translator calls in the end.</summary>
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether an address may be called.</summary>
    /// <param name="address">The address itself, as it will be dialled.</param>
    /// <param name="allowPrivate">Whether private and loopback addresses are allowed.</param>
    public static bool Allows(IPAddress address, bool allowPrivate)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return Allows(address.MapToIPv4(), allowPrivate);
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !IsIn(Never, address) && (allowPrivate || !IsIn(Private, address));
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return false;
        }

        if (Translated.Contains(address))
        {
            return Allows(new IPAddress(address.GetAddressBytes().AsSpan(12)), allowPrivate);
        }

        return IsIn(PrivateV6, address) ? allowPrivate && !IsIn(NeverV6, address) : GlobalV6.Contains(address) && !IsIn(NotGlobalV6, address);
    }

    /// <summary>Whether a port may be called: those of the web, and those that nobody needs privileges for.</summary>
    public static bool Allows(int port) => port is 443 or 80 or > 1_023;

    private static bool IsIn(IPNetwork[] networks, IPAddress address) => Array.Exists(networks, network => network.Contains(address));

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(IPNetwork.Parse)];
}
