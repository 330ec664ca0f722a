using System.Net;
using System.Net.Sockets;
using Actors.Api.V1;

namespace Actors.Api.Enrolments;

/// <summary>Bounds what one network address, and all together, ask of this node. What one number may ask of all nodes is bounded by its grain.</summary>
internal sealed class EnrolmentRates(EnrolmentSettings settings, TimeProvider time)
{
    /// <summary>For each code that an address may ask for it may try so often: as often as it can be of use.</summary>
    private const int TriesPerCode = Policy.Users.Enrolment.TriesMax;

    /// <summary>Addresses that are remembered at once; more, where so many codes an hour are sent, each to another one.</summary>
    private const int AddressesMax = 20_000;

    private const int PrefixBytes = 8;

    // An address is half a kilobyte. Where there is no room a new one is refused, as if the rate were used up: whoever has so many addresses can use up what
    // all have together with a few of them, so that gives them nothing, and nobody is let by uncounted.
    private readonly CallRate<IPAddress> _codes = Bounded(settings.PerAddress, settings, time);
    private readonly CallRate<IPAddress> _tries = Bounded(settings.PerAddress * TriesPerCode, settings, time);
    private readonly CallRate<int> _wrong = new(time, settings.WrongPerHour, TimeSpan.FromMinutes(1), buckets: 60);
    private readonly CallRate<int> _all = new(time, settings.PerHour, TimeSpan.FromMinutes(1), buckets: 60);

    /// <summary>How many addresses are remembered, for codes and for tries.</summary>
    public int Remembered => _codes.Callers + _tries.Callers;

    /// <summary>Takes a code for an address; null when it may go on, else how long until one may.</summary>
    public TimeSpan? TakeCode(IPAddress? address) => _all.UntilFree(0) ?? _codes.Take(Network(address)) ?? _all.Take(0);

    /// <summary>Takes a try; null when it may go on, else how long until one may.</summary>
    public TimeSpan? TakeTry(IPAddress? address) => _wrong.UntilFree(0) ?? _tries.Take(Network(address));

    /// <summary>Notes that a try was wrong. Whoever has many addresses, and guesses at many numbers, is bounded by this alone.</summary>
    public void NoteWrong() => _wrong.Take(0);

    private static CallRate<IPAddress> Bounded(int max, EnrolmentSettings settings, TimeProvider time) =>
        new(time, max, TimeSpan.FromMinutes(1), buckets: 60, Math.Max(AddressesMax, settings.PerHour));

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
