using System.Net;
using System.Net.Sockets;
using Actors.Api.V1;

namespace Actors.Api.Enrolments;

/// <summary>Bounds what one network address, and all together, ask of this node. What one number may ask of all nodes is bounded by its grain.</summary>
internal sealed class EnrolmentRates(EnrolmentSettings settings, TimeProvider time)
{
    /// <summary>For each code that an address may ask for it may try so often: as often as it can be of use.</summary>
    private const int TriesPerCode = Policy.Users.Enrolment.TriesMax;

    private const int PrefixBytes = 8;

    private readonly CallRate<IPAddress> _codes = new(time, settings.PerAddress, TimeSpan.FromMinutes(1), buckets: 60);
    private readonly CallRate<IPAddress> _tries = new(time, settings.PerAddress * TriesPerCode, TimeSpan.FromMinutes(1), buckets: 60);
    private readonly CallRate<int> _wrong = new(time, settings.WrongPerHour, TimeSpan.FromMinutes(1), buckets: 60);
    private readonly CallRate<int> _all = new(time, settings.PerHour, TimeSpan.FromMinutes(1), buckets: 60);

    /// <summary>Takes a code for an address; null when it may go on, else how long until one may.</summary>
    public TimeSpan? TakeCode(IPAddress? address) => _codes.Take(Network(address)) ?? _all.Take(0);

    /// <summary>Takes a try; null when it may go on, else how long until one may.</summary>
    public TimeSpan? TakeTry(IPAddress? address) => _tries.Take(Network(address)) ?? _wrong.UntilFree(0);

    /// <summary>Notes that a try was wrong. Whoever has many addresses, and guesses at many numbers, is bounded by this alone.</summary>
    public void NoteWrong() => _wrong.Take(0);

    /// <summary>An IPv6 caller has 2^64 addresses to choose from: the network counts.</summary>
    private static IPAddress Network(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return address ?? IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(PrefixBytes).Clear();
        return new IPAddress(bytes);
    }
}
