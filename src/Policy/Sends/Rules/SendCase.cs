using Actors.Policy.Users;

namespace Actors.Policy.Sends.Rules;

/// <summary>One send at one instant: what every rule looks at.</summary>
internal readonly struct SendCase
{
    private static readonly Relation Nothing = new() { Business = 0 };

    /// <param name="now">Already the later of the ledger's time and the record's newest instant.</param>
    public SendCase(UserState state, SendCommand command, PolicyNumbers numbers, Instant now, OffsetAt offsetAt)
    {
        State = state;
        Command = command;
        Numbers = numbers;
        Now = now;
        OffsetAt = offsetAt;
        var found = state.RelationWith(command.Business);
        HasRelation = found is not null && !found.HoldsNothing(now);
        Relation = found ?? Nothing;
        InWindow = Relation.WindowIsOpen(numbers.Window, now);
    }

    public UserState State { get; }

    public SendCommand Command { get; }

    public PolicyNumbers Numbers { get; }

    public Instant Now { get; }

    /// <summary>The rules of the zones, for the user's quiet hours.</summary>
    public OffsetAt OffsetAt { get; }

    /// <summary>Whether anything but defaults is left between the user and the business.</summary>
    public bool HasRelation { get; }

    /// <summary>What holds between them; nothing but defaults where there is no entry.</summary>
    public Relation Relation { get; }

    /// <summary>Whether the user's own message keeps a window open.</summary>
    public bool InWindow { get; }

    /// <summary>Whether accepting it uses up a place of the marketing cap.</summary>
    public bool Counts => Command.Category == Category.Marketing && !InWindow;

    /// <summary>Whether accepting it opens a conversation: outside the window, and none was opened within a day.</summary>
    public bool Opens => !InWindow && !Relation.WasOpenedWithinADay(Now);

    /// <summary>The same send at another instant.</summary>
    public SendCase At(Instant now) => new(State, Command, Numbers, now, OffsetAt);
}
