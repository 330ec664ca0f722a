using System.Collections.Immutable;
using Actors.Policy.Users;

namespace Actors.Policy;

/// <summary>Section <c>Policy:Consent</c>.</summary>
/// <remarks>
/// A word counts when it is the whole message, both compared without case, accents, compatibility forms, needless blanks, and punctuation at the ends. Where a
/// word stands in several lists, the stronger one holds: stop all, then stop, then start.
/// </remarks>
public sealed record ConsentNumbers
{
    private const int WordLengthMax = 64;

    private static readonly ImmutableArray<string> StopDefault = ["STOP", "UNSUBSCRIBE", "BAJA", "STOPP", "ARRET", "PARAR"];
    private static readonly ImmutableArray<string> StopAllDefault = ["STOP ALL", "STOP TUTTO", "BAJA TODO"];
    private static readonly ImmutableArray<string> StartDefault = ["START", "RESUME", "ALTA"];

    // As messages are compared with them. The defaults are written so already.
    private readonly ImmutableArray<string> _stop = StopDefault;
    private readonly ImmutableArray<string> _stopAll = StopAllDefault;
    private readonly ImmutableArray<string> _start = StartDefault;

    /// <summary>How far an opt-in may lie in the future, for clocks that differ. Whole milliseconds, 0 to 1 hour; default 5 minutes.</summary>
    public TimeSpan FutureTolerance { get; init => field = Checked.Length("Policy:Consent:FutureTolerance", value, TimeSpan.Zero, TimeSpan.FromHours(1)); } =
        TimeSpan.FromMinutes(5);

    /// <summary>Opt-ins that a business may import in any 24 hours, for each user of its messaging limit. 1 to 1,000; default 10.</summary>
    public int ImportsPerPlace { get; init => field = Checked.Count("Policy:Consent:ImportsPerPlace", value, 1, 1_000); } = 10;

    /// <summary>Words that stop a business's marketing. 1 to 64 characters each.</summary>
    public ImmutableArray<string> StopWords { get; init => (field, _stop) = (value, Folded("StopWords", value)); } = StopDefault;

    /// <summary>Words that withdraw all of a business's opt-ins. 1 to 64 characters each.</summary>
    public ImmutableArray<string> StopAllWords { get; init => (field, _stopAll) = (value, Folded("StopAllWords", value)); } = StopAllDefault;

    /// <summary>Words that undo a STOP or STOP ALL word, nothing else. 1 to 64 characters each.</summary>
    public ImmutableArray<string> StartWords { get; init => (field, _start) = (value, Folded("StartWords", value)); } = StartDefault;

    /// <summary>What a message of the user says.</summary>
    internal Word WordIn(string? text)
    {
        if (text is null)
        {
            return Word.None;
        }

        var folded = WordFolding.Fold(text);
        return _stopAll.Contains(folded) ? Word.StopAll : _stop.Contains(folded) ? Word.Stop : _start.Contains(folded) ? Word.Start : Word.None;
    }

    private static ImmutableArray<string> Folded(string list, ImmutableArray<string> words)
    {
        if (words.IsDefault)
        {
            throw new ArgumentOutOfRangeException(null, $"Policy:Consent:{list} must be a list of words.");
        }

        var folded = ImmutableArray.CreateBuilder<string>(words.Length);
        foreach (var word in words)
        {
            // A word of nothing but blanks and punctuation would make every such message a stop.
            if (string.IsNullOrEmpty(word) || word.Length > WordLengthMax || WordFolding.Fold(word) is not { Length: > 0 } same)
            {
                throw new ArgumentOutOfRangeException(
                    null,
                    $"Policy:Consent:{list} must hold words of 1 to {WordLengthMax} characters, a letter or digit among them, but holds '{word}'.");
            }

            folded.Add(same);
        }

        return folded.MoveToImmutable();
    }
}
