using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Actors.Policy.Users;

/// <summary>How a try to give a code back ended.</summary>
public enum EnrolmentTry : byte
{
    /// <summary>Nobody decided. Only a bug produces it.</summary>
    Undecided = 0,

    /// <summary>The code is right, and is used up with that.</summary>
    Right = 1,

    /// <summary>The code is wrong.</summary>
    Wrong = 2,

    /// <summary>There is no such code any more: used, ended by another one that was right, too old, or tried too often.</summary>
    Over = 3,
}

/// <summary>A one-time code that can be given back. Holds no code, only a proof.</summary>
/// <param name="Serial">Which code it is: the one whose id has the same serial. Random, not 0.</param>
/// <param name="Proof">What the right code's proof is, 32 bytes.</param>
/// <param name="Tries">How often it was tried: 0 to <see cref="Enrolment.TriesMax"/>.</param>
/// <param name="AskedAt">When it was asked for.</param>
public sealed record EnrolmentCode(long Serial, ImmutableArray<byte> Proof, int Tries, Instant AskedAt)
{
    /// <summary>Whether it can be tried.</summary>
    public bool IsLive(Instant now) => Tries < Enrolment.TriesMax && now < AskedAt + Enrolment.Life;
}

/// <summary>The one-time codes of one number: those that can be given back, and when the last ones were asked for. Immutable.</summary>
/// <remarks>
/// Holds neither number nor code, only proofs: keyed hashes over number, serial and code. A code that is asked for at t is good in [t, t +
/// <see cref="Life"/>), for <see cref="TriesMax"/> tries, once. Whoever asks for another one doesn't end it: else a stranger could keep a person out by asking
/// again and again. The right code ends all of them.
/// </remarks>
public sealed record Enrolment
{
    /// <summary>Most tries of one code.</summary>
    public const int TriesMax = 5;

    /// <summary>Most codes of one number in any <see cref="Life"/>: so many can be good at once.</summary>
    public const int CodesMax = 3;

    /// <summary>Most codes of one number in any 24 hours: so at most 50 guesses a day among a million codes.</summary>
    public const int CodesPerDay = 10;

    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>For so long it matters that a code was asked for. Afterwards nothing needs to be kept of a number.</summary>
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>No code was ever asked for.</summary>
    public static Enrolment None { get; } = new();

    /// <summary>Codes that may still be good, oldest first.</summary>
    public ImmutableArray<EnrolmentCode> Codes { get; init; } = [];

    /// <summary>When codes were asked for in the last 24 hours, oldest first.</summary>
    public ImmutableArray<Instant> Asked { get; init; } = [];

    /// <summary>One more code; or when the next may be asked for.</summary>
    /// <param name="serial">Random, not 0.</param>
    /// <param name="proof">The right code's proof.</param>
    /// <param name="now">The ledger's time.</param>
    public (Enrolment? Next, Instant? RetryAt) Begin(long serial, ImmutableArray<byte> proof, Instant now)
    {
        var asked = Asked.RemoveAll(at => at + Day <= now);
        var lately = asked.Count(at => at + Life > now);
        if (lately >= CodesMax || asked.Length >= CodesPerDay)
        {
            // Each bound is free again once the code that is so many places from the newest has left its period.
            var soon = lately >= CodesMax ? asked[^CodesMax] + Life : now;
            var later = asked.Length >= CodesPerDay ? asked[^CodesPerDay] + Day : now;
            return (null, Instant.Max(soon, later));
        }

        var at = Asked is [.., var last] ? Instant.Max(last, now) : now;
        return (new Enrolment { Codes = [.. Codes.Where(code => code.IsLive(now)), new(serial, proof, 0, at)], Asked = asked.Add(at) }, null);
    }

    /// <summary>A try to give a code back. The next state has to be durable before anybody hears how it ended.</summary>
    /// <param name="serial">Of the id that the code was given with.</param>
    /// <param name="proof">Of the code that was given.</param>
    /// <param name="now">The ledger's time.</param>
    /// <returns>How it ended, how often this code can still be tried, and the next state; null where nothing changes.</returns>
    public (EnrolmentTry Outcome, int TriesLeft, Enrolment? Next) Try(long serial, ReadOnlySpan<byte> proof, Instant now)
    {
        if (Codes.FirstOrDefault(one => one.Serial == serial) is not { } code || !code.IsLive(now))
        {
            return (EnrolmentTry.Over, 0, null);
        }

        var left = TriesMax - code.Tries - 1;
        return CryptographicOperations.FixedTimeEquals(proof, code.Proof.AsSpan())
            ? (EnrolmentTry.Right, left, this with { Codes = [] })
            : (EnrolmentTry.Wrong, left, this with { Codes = Codes.Replace(code, code with { Tries = code.Tries + 1 }) });
    }
}
