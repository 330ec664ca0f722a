using Actors.Policy.Sends;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Model;

/// <summary>One step of a random history: small numbers that the replay gives a meaning.</summary>
public readonly record struct Step(int Deed, int Who, int What, int Clock, int Amount);

/// <summary>Does the same to the policy and to its independent reading, and compares what they say.</summary>
internal sealed class Replay(PolicyNumbers numbers)
{
    private static readonly string[] Texts = ["hello", "stop", "stop all", "start", "hello", "start"];

    private readonly Reading _reading = new(numbers);
    private UserState _state = UserState.Empty;
    private Instant _clock = Now;

    /// <summary>How many sends were accepted: a replay that accepts none shows nothing.</summary>
    public int Accepted { get; private set; }

    /// <summary>How often what happened: reasons, what the day's number rested on, …</summary>
    public Dictionary<string, int> Tally { get; } = [];

    private Turns Turns => field ??= new Turns(_reading);

    public void Do(Step step)
    {
        MoveClock(step);
        var now = Instant.Max(_clock, _state.LastAt);
        var business = Business + (step.Who % 3);
        switch (step.Deed)
        {
            case < 9:
                Send(business, (Category)(step.What % 4), step.Amount % 11 == 0 ? null : 0, now);
                break;
            case < 12:
                Write(business, Texts[step.What % Texts.Length], isReaction: step.Amount % 9 == 0, now);
                break;
            case < 14:
                OptIn(business, (Categories)((step.What % 7) + 1), byUser: step.Amount % 2 == 0, step.Amount, now);
                break;
            case 14:
                OptOut(business, (Categories)((step.What % 7) + 1), byUser: step.Amount % 2 == 0, now);
                break;
            case 15:
                Note(ConsentActions.StopMarketing(_state, business, _clock), new StoppedByCall(now, business));
                break;
            case 16:
                Note(ConsentActions.ResumeMarketing(_state, business, _clock), new ResumedByCall(now, business));
                break;
            case 17:
                var block = step.What % 3 == 0;
                Note(
                    block
                        ? UserActions.Report(_state, business, ComplaintReason.Spam, null, block: true, _clock)
                        : UserActions.Unblock(_state, business, _clock),
                    block ? new BlockedBusiness(now, business) : new UnblockedBusiness(now, business));
                break;
            case 18:
                Prefer(step, now);
                break;
            case 19:
                List(business, step.What % 3 == 0, now);
                break;
            case 20 or 21:
                Deliver(step.What, now);
                break;
            case 22 or 23:
                Read(step.What, now);
                break;
            case 24:
                Feel(step.What, interested: step.Amount % 3 == 0, now);
                break;
            default:
                End(step.What, expired: step.Amount % 2 == 0, handedOut: step.Amount % 3 == 0, now);
                break;
        }
    }

    /// <summary>Moves time on, often to one millisecond around an instant at which a rule changes its mind; now and then the node's clock lags.</summary>
    private void MoveClock(Step step)
    {
        var past = _reading.Deeds.Count == 0 ? _clock : _reading.Deeds[step.Amount % _reading.Deeds.Count].At;
        var edge = (step.Amount % 3) - 1;
        _clock = (step.Clock % 12) switch
        {
            0 or 1 => _clock,
            2 => _clock + Tick,
            3 => _clock + TimeSpan.FromMilliseconds(step.Amount),
            4 => _clock + TimeSpan.FromMinutes(step.Amount % 300),
            5 => Instant.Max(_clock, past + Day + (edge * Tick)),
            6 => Instant.Max(_clock, past + Week + (edge * Tick)),
            7 => Instant.Max(_clock, past + numbers.Window.Length + (edge * Tick)),
            8 => Instant.Max(_clock, past + (numbers.PairRate.Interval * (1 + (step.Who % 3))) + (edge * Tick)),
            9 => Instant.Max(_clock, past + numbers.MarketingCap.OutcomeAfter + (edge * Tick)),
            10 => Instant.Max(_clock, past + numbers.MarketingCap.Rest + (edge * Tick)),
            _ => _clock - TimeSpan.FromSeconds(step.Amount % 100),
        };
    }

    private void Send(long business, Category category, long? quota, Instant now)
    {
        var expected = _reading.Verdict(business, category, quota, now);
        var send = Some.Send(category, business) with { Quota = quota };
        var decision = Decide(send, _clock);
        Assert.Equal(expected, decision.Reason);

        var refused = SendGate.Explain(_state, send, numbers, _clock, OffsetAt).FirstOrDefault(finding => finding.Outcome == RuleOutcome.Refuse);
        Assert.Equal(expected, refused?.Reason);

        var timeBound = expected is Reason.PairRate or Reason.MarketingRests or Reason.QuietHours or Reason.MarketingCap;
        Assert.Equal(timeBound ? _reading.FirstFit(business, category, now) : null, decision.RetryAt);
        if (decision.RetryAt is { } retryAt)
        {
            Assert.True(retryAt > now);
            Assert.Null(Decide(send with { Quota = 0 }, retryAt).Reason);
            Assert.NotNull(Decide(send with { Quota = 0 }, retryAt - Tick).Reason);
        }

        if (expected is null)
        {
            Accepted++;
            Count("accepted");
            Count(CapStanding.PerDay(_state, numbers.MarketingCap, now).Basis.ToString());
            var change = decision.Done();
            var counted = category == Category.Marketing && !_reading.InWindow(business, now);
            Assert.Equal((counted, _reading.InWindow(business, now)), (change.Events[0].Counted, change.Events[0].InWindow));
            Assert.Equal((_reading.Opens(business, now), Turns.Sent(business, now)), (change.Events[0].Opened, change.Events[0].Response));
            Take(change, new Sent(now, business, category, counted, change.Next.Messages, _reading.PerDay(now)));
            Assert.True(_reading.KeepsToTheCap());
            Assert.Equal(_reading.Opened(business), Opened(change, business, now));
        }
        else
        {
            Assert.Null(decision.Change);
            Count(expected.Value.ToString());
        }
    }

    /// <summary>An opening older than a day may have left the record: the reading remembers it for ever.</summary>
    private Instant? Opened(Change change, long business, Instant now) =>
        change.Relation(business).OpenedAt ?? (_reading.Opened(business) is { } opened && now - opened >= Day ? opened : null);

    private void Write(long business, string text, bool isReaction, Instant now)
    {
        var decision = InboundGate.Decide(_state, Says(text, business) with { IsReaction = isReaction }, numbers, _clock);
        var refused = _reading.IsBlocked(business) || !_reading.BusinessesOn;
        Assert.Equal(refused ? ActionRefusal.Blocked : null, decision.Refusal);
        Assert.Equal(refused ? null : Turns.Wrote(business, text, isReaction, now), decision.Change?.Events[0].Response);
        Note(decision, new Wrote(now, business, text, isReaction));
    }

    private void OptIn(long business, Categories categories, bool byUser, int amount, Instant now)
    {
        var at = now + TimeSpan.FromMinutes((amount % 20) - 13);
        var optIn = new OptIn(business, categories, byUser, ConsentSource.Website, at, null, null);
        var decision = ConsentActions.OptIn(_state, optIn, numbers, _clock);

        var held = new[] { Categories.Utility, Categories.Authentication, Categories.Marketing }
            .Where(category => (category & categories) != 0)
            .Select(category => _reading.Consent(business, category))
            .ToList();
        ActionRefusal? expected = byUser ? null
            : at - now > TimeSpan.FromMinutes(5) ? ActionRefusal.InFuture
            : held.Exists(each => Reading.IsTakenByUser(each.Hold)) ? ActionRefusal.TakenAwayByUser
            : held.Exists(each => Reading.IsGone(each.Hold) && at < each.Since) ? ActionRefusal.OlderThanWithdrawal
            : null;
        Assert.Equal(expected, decision.Refusal);
        Note(decision, new OptedIn(now, business, categories, byUser, byUser || at > now ? now : at));
    }

    private void OptOut(long business, Categories categories, bool byUser, Instant now)
    {
        var decision = ConsentActions.OptOut(_state, business, categories, byUser, _clock);
        var anyLive = new[] { Categories.Utility, Categories.Authentication, Categories.Marketing }
            .Any(category => (category & categories) != 0 && _reading.Consent(business, category).Hold == Reading.Hold.Live);
        Assert.Equal(byUser || anyLive ? null : ActionRefusal.NothingThere, decision.Refusal);
        Note(decision, new OptedOut(now, business, categories, byUser));
    }

    private void List(long business, bool listed, Instant now)
    {
        var decision = UserActions.SetBusinessBlock(_state, business, listed, numbers, _clock);
        var refused = listed && !_reading.IsListed(business) && !_reading.InWindow(business, now);
        Assert.Equal(refused ? ActionRefusal.NoRecentMessage : null, decision.Refusal);
        Note(decision, new ListedUser(now, business, listed));
    }

    private void Prefer(Step step, Instant now)
    {
        var quiet = step.What % 5 < 2 ? new Quiet(step.What * 17 % 1_440, (step.What * 17 + 1 + (step.Amount % 1_439)) % 1_440) : null;
        byte? own = step.Amount % 5 < 2 ? (byte)(step.Who % 6) : null;
        var preferences = new Preferences(step.What % 4 != 0, step.Amount % 4 != 0, [])
        {
            MarketingPerDay = own,
            QuietHours = quiet is null ? null : new QuietHours(quiet.Start, quiet.End, "Test/Zone"),
        };
        var decision = UserActions.SetPreferences(_state, preferences, numbers, _clock, OffsetAt);
        var before = _reading.Deeds.OfType<Preferred>().LastOrDefault();
        Assert.Equal(own > _reading.PlatformsPerDay(now) && own != before?.PerDay ? ActionRefusal.NumberTooHigh : null, decision.Refusal);
        Note(decision, new Preferred(now, preferences.Businesses, preferences.Marketing, own, quiet));
    }

    private void Deliver(int which, Instant now)
    {
        if (Pick(which, sent => _reading.IsWaiting(sent.Number)) is { } message)
        {
            Note(MessageActions.Advance(_state, message, MessageStatus.Delivered, numbers, _clock), new Arrived(now, message.Business, message.Number));
        }
    }

    private void Read(int which, Instant now)
    {
        if (Pick(which, _ => true) is { } message)
        {
            var decision = MessageActions.Advance(_state, message, MessageStatus.Read, numbers, _clock);
            Assert.Equal(message.Status is MessageStatus.Failed or MessageStatus.Expired ? ActionRefusal.StatusBackwards : null, decision.Refusal);
            Note(decision, new WasRead(now, message.Business, message.Number));
        }
    }

    private void Feel(int which, bool interested, Instant now)
    {
        if (Pick(which, sent => sent.Category == Category.Marketing) is { } message)
        {
            var decision = MessageActions.GiveFeedback(
                _state, message, interested ? Feedback.Interested : Feedback.NotInterested, numbers, _clock);
            Assert.Equal(message.Status is MessageStatus.Failed or MessageStatus.Expired ? ActionRefusal.StatusBackwards : null, decision.Refusal);
            Note(decision, new Felt(now, message.Business, message.Number, interested));
        }
    }

    private void End(int which, bool expired, bool handedOut, Instant now)
    {
        if (Pick(which, _ => true) is { } message)
        {
            var decision = expired
                ? MessageActions.Expire(_state, message, handedOut, numbers, _clock)
                : MessageActions.Fail(_state, message, handedOut, _clock);
            var isNews = message.Status == MessageStatus.Accepted;
            var isSame = message.Status == (expired ? MessageStatus.Expired : MessageStatus.Failed);
            Assert.Equal((isNews, isNews || isSame ? (ActionRefusal?)null : ActionRefusal.StatusBackwards), (decision.Change is not null, decision.Refusal));
            Note(decision, new Ended(now, message.Business, message.Number, expired, handedOut));
            if (decision.Change?.Events[0].Detail == 1)
            {
                Count("given back");
            }
        }
    }

    /// <summary>One of the messages sent so far, as its row would stand.</summary>
    private StoredMessage? Pick(int which, Func<Sent, bool> isMeant)
    {
        var meant = _reading.Deeds.OfType<Sent>().Where(isMeant).ToList();
        if (meant.Count == 0)
        {
            return null;
        }

        var sent = meant[which % meant.Count];
        var ended = _reading.Deeds.OfType<Ended>().FirstOrDefault(deed => deed.Number == sent.Number);
        var felt = _reading.Deeds.OfType<Felt>().LastOrDefault(deed => deed.Number == sent.Number);
        return Message() with
        {
            Number = sent.Number,
            Business = sent.Business,
            Category = sent.Category,
            ExpiresAt = sent.At,
            Status = ended is not null ? (ended.Expired ? MessageStatus.Expired : MessageStatus.Failed)
                : _reading.Deeds.OfType<WasRead>().Any(deed => deed.Number == sent.Number) ? MessageStatus.Read
                : _reading.Deeds.OfType<Arrived>().Any(deed => deed.Number == sent.Number) ? MessageStatus.Delivered
                : MessageStatus.Accepted,
            Feedback = felt is null ? Feedback.None : felt.Interested ? Feedback.Interested : Feedback.NotInterested,
        };
    }

    private SendDecision Decide(SendCommand send, Instant at) => SendGate.Decide(_state, send, numbers, at, OffsetAt);

    private static TimeSpan? OffsetAt(string timeZone, Instant at) => timeZone == "Test/Zone" ? Reading.Offset(at) : null;

    private void Count(string what) => Tally[what] = Tally.GetValueOrDefault(what) + 1;

    private void Note(ActionDecision decision, Deed deed)
    {
        if (decision.Change is { } change)
        {
            Assert.Null(decision.Refusal);
            Take(change, deed);
        }
    }

    private void Take(Change change, Deed deed)
    {
        Sanity.Check(_state, change, deed.At);
        _state = change.Next;
        Turns.Add(deed);
    }
}
