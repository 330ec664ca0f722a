using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;
using Actors.Policy.Templates;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.HalfYear;

/// <summary>
/// The product's rules around one business, without storage: gate, users, messaging limit, fold and judgement, as a node and its grains put them together. Next
/// to it, what happened is told to <see cref="Reading"/>, and never what the product made of it.
/// </summary>
internal sealed class Platform
{
    private const long Epoch = 1;

    private static readonly UserMarks Marks = new(new byte[32]);

    private readonly Dictionary<long, UserState> _users = [];
    private readonly List<EventLine> _events = [];
    private readonly UserState _optedIn;
    private BusinessState _state;
    private QuotaBook _book = QuotaBook.Empty.Settle(Epoch);
    private BusinessView _view;
    private QuotaPiece? _piece;
    private int _placesLeft;
    private long _seq;

    public Platform(Instant start)
    {
        Business = Given.NewBusiness();
        _state = new BusinessState { Registration = Given.Registration(Business) };
        _view = _state.ToView(Business, Numbers, start);
        _optedIn = ConsentActions.OptIn(UserState.Empty, Given.OptIn(Business, start), Numbers, start).Change!.Next;
    }

    public static PolicyNumbers Numbers { get; } = PolicyNumbers.Default;

    public long Business { get; }

    public PolicyReading Reading { get; } = new();

    public LimitTier Limit => _state.LimitSoFar.Tier;

    public QualityBand Band => _state.ConductSoFar.Band;

    public EnforcementState Enforcement => _state.ConductSoFar.Enforcement;

    public int? LimitUsers => MessagingLimit.Users(Limit);

    public QuotaBook Book => _book;

    public Standing StandingAt(Instant now) => _state.StandingAt(Numbers, now);

    public double ScoreAt(Instant now) => Quality.TermsAt(_state.ConductSoFar.Counts, Numbers.Quality, now).Score;

    public void Verify()
    {
        _state = _state with { Verification = Verification.Verified, Limit = MessagingLimit.Verified(_state.LimitSoFar) };
        Reading.Verify();
    }

    /// <summary>A new lease, and with it places of the limit for so many users.</summary>
    public void BeginSending(int users, Instant now)
    {
        _view = _state.ToView(Business, Numbers, now);
        (_piece, _placesLeft) = (null, 0);
        if (LimitUsers is { } limit)
        {
            (_book, _piece) = _book.Lend(limit, users, Epoch, now);
            _placesLeft = _piece?.Left ?? 0;
        }
    }

    public void EndSending()
    {
        _book = _piece is { } piece && _placesLeft > 0 ? _book.TakeBack(piece.Id, _placesLeft) : _book;
        (_piece, _placesLeft) = (null, 0);
    }

    /// <summary>Sends and, where it is accepted, has it delivered a second later; why it isn't accepted.</summary>
    public Reason? Send(long user, Category category, Instant now, out StoredMessage? delivered)
    {
        delivered = null;
        var facts = new AdmissionFacts
        {
            Locked = _view.Status == BusinessStatus.Locked,
            Restriction = _view.Restriction,
            RestrictedUntil = _view.RestrictedUntil,
            Now = now,
            Category = category,
            IsTemplate = true,
            TemplateStatus = TemplateStatus.Approved,
        };
        if (BusinessGate.Decide(facts) is { } reason)
        {
            return reason;
        }

        var send = Given.Send(Business, category).Command with
        {
            Quota = LimitUsers is null ? 0 : _placesLeft > 0 ? _piece!.Value.Id : null,
            WindowOnlyUntil = _view.Restriction == Restriction.WindowOnly ? _view.RestrictedUntil : null,
        };
        var decision = SendGate.Decide(StateOf(user), send, Numbers, now, (_, _) => null);
        if (decision.Change is not { Message: { } message } change)
        {
            return decision.Reason;
        }

        _placesLeft -= change.Events[0].Opened && _piece is not null ? 1 : 0;
        Take(user, change);
        var inWindow = change.Events[0].InWindow;
        delivered = new StoredMessage
        {
            Number = message.Number,
            Direction = Direction.ToUser,
            Business = Business,
            PhoneNumber = message.PhoneNumber,
            Template = message.Template,
            Category = category,
            At = message.At,
            Status = MessageStatus.Accepted,
            Explanation = message.Explanation,
        };
        var at = now + TimeSpan.FromSeconds(1);
        Take(user, MessageActions.Advance(StateOf(user), delivered, MessageStatus.Delivered, Numbers, at).Change!);
        delivered = delivered with { Status = MessageStatus.Delivered };
        if (!inWindow)
        {
            Reading.Sent(user, now);
            Reading.Delivered(user, at);
        }

        return null;
    }

    /// <summary>The user writes: a window opens, unless the business is blocked.</summary>
    public bool Writes(long user, Instant now)
    {
        var decision = InboundGate.Decide(StateOf(user), Given.Says(Business, "Hello"), Numbers, now);
        if (decision.Change is { } change)
        {
            Take(user, change);
        }

        return decision.Change is not null;
    }

    /// <summary>The user does something against the business; nothing where it is so already.</summary>
    public void Signals(long user, NegativeSignal signal, StoredMessage last, Instant now)
    {
        var state = StateOf(user);
        var decision = signal switch
        {
            NegativeSignal.Report => UserActions.Report(state, Business, ComplaintReason.Spam, null, block: false, now),
            NegativeSignal.Block => UserActions.Block(state, Business, ComplaintReason.Spam, now),
            NegativeSignal.OptOut => ConsentActions.StopMarketing(state, Business, now),
            NegativeSignal.NotInterested => MessageActions.GiveFeedback(state, last, Feedback.NotInterested, Numbers, now),
        };
        if (decision.Change is { } change)
        {
            Take(user, change);
            Reading.Signalled(user, signal, now);
        }
    }

    /// <summary>Nothing more will come from or to this user: what is kept of them is dropped.</summary>
    public void Forget(long user) => _users.Remove(user);

    /// <summary>Hands over what happened since, as the fold does, and judges.</summary>
    public void Fold(Instant now)
    {
        var folded = _state.Fold([.. _events.Where(line => line.Event.Quality != default)], Numbers, Marks);
        var judged = JudgedBusiness.Of(folded, Numbers, now);
        _state = judged.State with { Version = _state.Version + 1 };
        foreach (var line in _events.Where(line => line.Event.Opened))
        {
            _book = _book.Count(line.Seq, line.Event.At, line.Event.Quota);
        }

        _book = _book.Forget(now);
        _events.Clear();
        Reading.Judge(now);
    }

    public void Appeal(int strike, Instant now) => Enforce(
        Policy.Businesses.Enforcement.Appeal(Enforcement, strike, "we didn't", Numbers.Enforcement, now).Next!, now);

    public void Decide(int strike, bool reversed, Instant now)
    {
        Enforce(Policy.Businesses.Enforcement.Decide(Enforcement, strike, reversed, "", now).Next!, now);
        if (reversed)
        {
            Reading.Steps.Where(step => step.Cause is not null).ElementAt(strike - 1).ReversedAt = now.Milliseconds;
        }
    }

    public void Unlock(Instant now)
    {
        Enforce(Policy.Businesses.Enforcement.Unlock(Enforcement, Numbers.Enforcement, now), now);
        Reading.Steps.Add(LadderStep.Unlock(now.Milliseconds));
    }

    private void Enforce(EnforcementState next, Instant now)
    {
        _state = _state with { Conduct = _state.ConductSoFar with { Enforcement = next } };
        _state = _state with { Status = StandingAt(now).Restriction == Restriction.Locked ? BusinessStatus.Locked : BusinessStatus.Active };
    }

    private UserState StateOf(long user) => _users.GetValueOrDefault(user, _optedIn);

    private void Take(long user, Change change)
    {
        _users[user] = change.Next;
        foreach (var happened in change.Events)
        {
            _seq++;
            if (happened.Opened || happened.Quality != default)
            {
                _events.Add(new EventLine(_seq, user, happened, null));
            }
        }
    }
}
