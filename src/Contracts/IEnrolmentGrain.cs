using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Contracts;

/// <summary>
/// The one-time codes of one number. Key: a keyed hash of the number, so that nothing stored here tells whose they are; proofs are keyed hashes, too.
/// </summary>
[Alias("actors.enrolment")]
public interface IEnrolmentGrain : IGrainWithIntegerKey
{
    /// <summary>Notes a new code durably, beside those that are still good.</summary>
    /// <param name="serial">Random, not 0: which code it is.</param>
    /// <param name="proof">The right code's proof: 32 bytes.</param>
    /// <exception cref="OutageException">It may or may not have been noted: don't send that code.</exception>
    [Alias("begin")]
    Task<EnrolmentBegun> BeginAsync(long serial, ImmutableArray<byte> proof);

    /// <summary>Tries a code. The try counts before its outcome is told.</summary>
    /// <param name="serial">Of the id that the code was given with.</param>
    /// <param name="proof">Of the code that was given.</param>
    /// <exception cref="OutageException">The try may or may not have counted.</exception>
    [Alias("try")]
    Task<EnrolmentTried> TryAsync(long serial, ImmutableArray<byte> proof);
}

/// <summary>The answer to asking for a code.</summary>
/// <param name="ExpiresAt">When the code ends: it is good before this instant.</param>
/// <param name="RetryAt">When one may be asked for, where there were too many: then nothing was noted. Null where it was.</param>
[GenerateSerializer, Immutable, Alias("actors.enrolment-begun")]
public readonly record struct EnrolmentBegun([property: Id(0)] Instant ExpiresAt, [property: Id(1)] Instant? RetryAt);

/// <summary>The answer to a try.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="TriesLeft">How often this code can still be tried.</param>
[GenerateSerializer, Immutable, Alias("actors.enrolment-tried")]
public readonly record struct EnrolmentTried([property: Id(0)] EnrolmentTry Outcome, [property: Id(1)] int TriesLeft);
