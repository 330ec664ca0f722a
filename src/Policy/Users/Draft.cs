using System.Collections.Immutable;
using Actors.Policy.Businesses;

namespace Actors.Policy.Users;

/// <summary>A change in the making, for everything but sends: gathers events and log entries, then makes the next record.</summary>
internal sealed class Draft
{
    private readonly ImmutableArray<UserEvent>.Builder _events = ImmutableArray.CreateBuilder<UserEvent>();
    private readonly ImmutableArray<ConsentEntry>.Builder _consents = ImmutableArray.CreateBuilder<ConsentEntry>();
    private readonly ImmutableArray<MessageStep>.Builder _steps = ImmutableArray.CreateBuilder<MessageStep>();
    private bool _isNoted;
    private UserState _state;
    private uint _entries;

    public Draft(UserState state, Instant now)
    {
        _state = state;
        _entries = state.ConsentEntries;
        Now = Instant.Max(now, state.LastAt);
    }

    /// <summary>The decision's instant: never before the newest instant of the record.</summary>
    public Instant Now { get; }

    /// <summary>The record as changed so far.</summary>
    public UserState State => _state;

    /// <summary>What holds with a business; nothing but defaults where there is no entry.</summary>
    public Relation With(long business) =>
        _state.RelationWith(business) is not { } relation ? new Relation { Business = business }
        : relation.Turn is not null && relation.HoldsNothing(Now) ? relation with { Turn = null }
        : relation;

    public void Put(Relation relation) => _state = _state with { Relations = _state.Relations.Put(relation, Now) };

    public void Put(UserState state) => _state = state;

    /// <summary>Takes a record that is worth a commit though nothing has happened, where it is another one.</summary>
    public void Note(UserState state)
    {
        _isNoted |= !ReferenceEquals(state, _state);
        _state = state;
    }

    public void Step(MessageStep step) => _steps.Add(step);

    /// <summary>Takes a step that is worth a commit though nothing has happened.</summary>
    public void Note(MessageStep step)
    {
        _isNoted = true;
        _steps.Add(step);
    }

    /// <summary>Drops the contents of messages that were read, as far as no device needs them any more.</summary>
    public void Drop(ImmutableArray<StoredMessage> read)
    {
        var releasedUpTo = Acknowledgements.ReleasedUpTo(_state);
        foreach (var message in read)
        {
            if (message.Status != MessageStatus.Read || message.Number > releasedUpTo)
            {
                continue;
            }

            var place = 0;
            while (place < _steps.Count && _steps[place].Number != message.Number)
            {
                place++;
            }

            if (place < _steps.Count)
            {
                _steps[place] = _steps[place] with { DropsContent = true };
            }
            else
            {
                Note(MessageActions.StepOf(message) with { DropsContent = true });
            }
        }
    }

    /// <summary>Notes a negative signal about a business.</summary>
    /// <returns>What it adds to the business's quality, for its event.</returns>
    public QualityMark Signal(long business, NegativeSignal signal)
    {
        var relation = With(business);
        var mark = QualitySignals.Signal(ref relation, signal, Now);
        if (mark != default)
        {
            Put(relation);
        }

        return mark;
    }

    public void Tell(UserEvent happened) => _events.Add(happened);

    /// <summary>Adds an entry to the consent log.</summary>
    /// <returns>Its number.</returns>
    public uint Log(
        long business,
        bool grant,
        Categories categories,
        ConsentActor by,
        ConsentSource source,
        Instant at,
        string? wording = null,
        string? evidence = null)
    {
        _consents.Add(new ConsentEntry(++_entries, business, grant, categories, by, source, at, Now, wording, evidence));
        return _entries;
    }

    /// <summary>The change, or unchanged where nothing has happened.</summary>
    public ActionDecision Done(NewMessage? message = null, MessageStep? step = null)
    {
        if (_events.Count == 0 && !_isNoted)
        {
            return ActionDecision.Unchanged;
        }

        var next = _state with
        {
            LastAt = Now,
            ConsentEntries = _entries,
            Receipts = _state.Receipts.Live(Now),
            Relations = _state.Relations.Live(Now),
        };
        return new ActionDecision(null, new Change(next, _events.ToImmutable())
        {
            Message = message,
            Steps = step is null ? _steps.ToImmutable() : [step],
            Consents = _consents.ToImmutable(),
        });
    }
}
