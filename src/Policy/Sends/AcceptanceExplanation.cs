using Actors.Policy.Users;

namespace Actors.Policy.Sends;

/// <summary>Why a send was accepted, as it stood at that moment: kept with the message in at most <see cref="BytesMax"/> bytes, mostly under 20.</summary>
/// <remarks>Stored: see <see cref="ExplanationCodec"/>.</remarks>
public sealed record AcceptanceExplanation
{
    /// <summary>Most bytes that one takes.</summary>
    public const int BytesMax = 24;

    /// <summary>Which version of the policy's numbers held (<see cref="PolicyNumbers.Version"/>); null where that was not kept yet.</summary>
    public uint? PolicyVersion { get; init; }

    /// <summary>The user's message whose window it was sent in; null outside a window.</summary>
    public Instant? WindowFrom { get; init; }

    /// <summary>When that window was to end; null outside a window, and where that was not kept yet.</summary>
    public Instant? WindowUntil { get; init; }

    /// <summary>Number of the consent log's entry that it rests on; null where no consent was live (inside a window only).</summary>
    public uint? ConsentEntry { get; init; }

    /// <summary>Where that consent was given; only with <see cref="ConsentEntry"/>.</summary>
    public ConsentSource ConsentSource { get; init; }

    /// <summary>Whether it opened a conversation: outside the window, and none was opened within 24 hours.</summary>
    public bool Opened { get; init; }

    /// <summary>The places of the marketing cap, this message included; null where it is not counted.</summary>
    public CapPlaces? Cap { get; init; }

    /// <summary>Counted marketing messages of the user, this one included, and the numbers of that moment.</summary>
    /// <param name="Day">In the last 24 hours, over all businesses.</param>
    /// <param name="PerDay">The most that may be.</param>
    /// <param name="Week">In the last 7 days, over all businesses.</param>
    /// <param name="PerWeek">The most that may be.</param>
    /// <param name="Business">In the last 24 hours, from this business.</param>
    /// <param name="PerBusinessPerDay">The most that may be.</param>
    /// <param name="Basis">Why <paramref name="PerDay"/> was what it was.</param>
    public readonly record struct CapPlaces(
        byte Day, byte PerDay, byte Week, byte PerWeek, byte Business, byte PerBusinessPerDay, CapBasis Basis = CapBasis.Standard);

    /// <summary>Reads a stored one, of whatever version.</summary>
    /// <returns>Null when there is none: <paramref name="bytes"/> is empty.</returns>
    /// <exception cref="FormatException">Not one that any version has written.</exception>
    public static AcceptanceExplanation? Read(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? null : ExplanationCodec.Read(bytes);
}
