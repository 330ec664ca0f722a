using Actors.Policy.Businesses;

namespace Actors.Policy.Users;

/// <summary>An opt-in.</summary>
/// <param name="Business">The business's id.</param>
/// <param name="Categories">What it is about; never none.</param>
/// <param name="ByUser">True for the user's own call, false for the business with its proof.</param>
/// <param name="Source">Where it was given.</param>
/// <param name="At">When it was given.</param>
/// <param name="Wording">The wording shown.</param>
/// <param name="Evidence">Reference to the evidence.</param>
public sealed record OptIn(long Business, Categories Categories, bool ByUser, ConsentSource Source, Instant At, string? Wording, string? Evidence);

/// <summary>Grants, withdrawals, marketing stops: by the user and by the business.</summary>
/// <remarks>
/// All or nothing: an opt-in that is refused for one of its categories grants none. The user's own opt-in is never refused and counts from the
/// decision's instant.
/// </remarks>
public static class ConsentActions
{
    /// <summary>Records an opt-in. The user's own always wins; a business's never restores what the user's word took away (G9).</summary>
    /// <remarks>
    /// A business's is refused as <see cref="ActionRefusal.InFuture"/> when it lies more than <see cref="ConsentNumbers.FutureTolerance"/> ahead
    /// (exactly so much is let through and counts from now), as <see cref="ActionRefusal.TakenAwayByUser"/>, and as <see
    /// cref="ActionRefusal.OlderThanWithdrawal"/> when it is earlier than a withdrawal (at the same millisecond it is not). A category whose live
    /// grant is at least as new stays as it is; a newer opt-in renews the proof.
    /// </remarks>
    /// <param name="state">The user's record.</param>
    /// <param name="optIn">What is opted in to.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time.</param>
    /// <param name="past">
    /// What an earlier erasure of the user left: where the record says nothing of a category, it counts like a withdrawal in the record. Null for none.
    /// </param>
    public static ActionDecision OptIn(UserState state, OptIn optIn, PolicyNumbers numbers, Instant now, Past? past = null)
    {
        AtLeastOne(optIn.Categories);
        var draft = new Draft(state, now);
        var relation = draft.With(optIn.Business);
        if (!optIn.ByUser && Refusal(relation, optIn, past, numbers, draft.Now) is { } refusal)
        {
            return ActionDecision.Refuse(refusal);
        }

        var at = optIn.ByUser || optIn.At > draft.Now ? draft.Now : optIn.At;
        var granted = relation.Which(optIn.Categories, consent => !(consent.IsLive && consent.At >= at));
        if (granted != Categories.None)
        {
            var by = optIn.ByUser ? ConsentActor.User : ConsentActor.Business;
            var entry = draft.Log(optIn.Business, grant: true, granted, by, optIn.Source, at, optIn.Wording, optIn.Evidence);
            draft.Put(relation.Set(granted, _ => new Consent(ConsentStatus.Granted, at, optIn.Source, entry)));
            draft.Tell(new UserEvent(EventKind.OptedIn, draft.Now, optIn.Business, Categories: granted, Detail: (byte)by));
        }

        return draft.Done();
    }

    /// <summary>Withdraws consent. By the user it also holds for what was never given.</summary>
    /// <remarks>By the business it takes back what is live and is refused as <see cref="ActionRefusal.NothingThere"/> where nothing is.</remarks>
    public static ActionDecision OptOut(UserState state, long business, Categories categories, bool byUser, Instant now)
    {
        AtLeastOne(categories);
        var draft = new Draft(state, now);
        var relation = draft.With(business);
        if (byUser)
        {
            draft.Put(WithdrawByUser(draft, relation, categories, ConsentStatus.WithdrawnByUser, ConsentActor.User));
            return draft.Done();
        }

        var live = relation.Which(categories, consent => consent.IsLive);
        if (live == Categories.None)
        {
            return ActionDecision.Refuse(ActionRefusal.NothingThere);
        }

        draft.Put(Withdraw(draft, relation, live, ConsentStatus.WithdrawnByBusiness, ConsentActor.Business));
        return draft.Done();
    }

    /// <summary>
    /// Withdraws what the user's call or block hasn't withdrawn already, or has withdrawn before the user wrote again; logs and tells it.
    /// </summary>
    internal static Relation WithdrawByUser(Draft draft, Relation relation, Categories categories, ConsentStatus status, ConsentActor by)
    {
        var withdrawn = relation.Which(
            categories,
            consent => consent.Status is not (ConsentStatus.WithdrawnByUser or ConsentStatus.WithdrawnByBlock) || relation.IsBeforeLastMessage(consent));
        return withdrawn == Categories.None ? relation : Withdraw(draft, relation, withdrawn, status, by);
    }

    private static Relation Withdraw(Draft draft, Relation relation, Categories categories, ConsentStatus status, ConsentActor by)
    {
        var entry = draft.Log(relation.Business, grant: false, categories, by, ConsentSource.App, draft.Now);
        // What a block weighs stands with the block itself.
        var mark = by == ConsentActor.User ? QualitySignals.Signal(ref relation, NegativeSignal.OptOut, draft.Now) : default;
        draft.Tell(new UserEvent(EventKind.OptedOut, draft.Now, relation.Business, Categories: categories, Detail: (byte)by, Quality: mark));
        return relation.Set(categories, consent => new Consent(status, draft.Now, consent.Source, entry));
    }

    /// <summary>The user stops this business's marketing, by call. A stop by word becomes one by call: a START word no longer undoes it.</summary>
    public static ActionDecision StopMarketing(UserState state, long business, Instant now)
    {
        var draft = new Draft(state, now);
        var relation = draft.With(business);
        if (relation.Stop != MarketingStop.ByCall)
        {
            var mark = QualitySignals.Signal(ref relation, NegativeSignal.OptOut, draft.Now);
            draft.Put(relation with { Stop = MarketingStop.ByCall });
            draft.Tell(new UserEvent(EventKind.Stopped, draft.Now, business, Detail: (byte)MarketingStop.ByCall, Quality: mark));
        }

        return draft.Done();
    }

    /// <summary>The user resumes this business's marketing, by call. It lifts a stop only: consent that was withdrawn stays so.</summary>
    public static ActionDecision ResumeMarketing(UserState state, long business, Instant now)
    {
        var draft = new Draft(state, now);
        var relation = draft.With(business);
        if (relation.Stop != MarketingStop.None)
        {
            draft.Put(relation with { Stop = MarketingStop.None });
            draft.Tell(new UserEvent(EventKind.Resumed, draft.Now, business, Detail: (byte)relation.Stop));
        }

        return draft.Done();
    }

    private static ActionRefusal? Refusal(Relation relation, OptIn optIn, Past? past, PolicyNumbers numbers, Instant now)
    {
        if (optIn.At > now + numbers.Consent.FutureTolerance)
        {
            return ActionRefusal.InFuture;
        }

        if (relation.Which(optIn.Categories, consent => consent.IsTakenAwayByUser) != Categories.None)
        {
            return ActionRefusal.TakenAwayByUser;
        }

        if (past?.Refusal(relation.Which(optIn.Categories, consent => consent.Status == ConsentStatus.None), optIn.At) is { } refusal)
        {
            return refusal;
        }

        return relation.Which(optIn.Categories, consent => consent.IsWithdrawn && optIn.At < consent.At) != Categories.None
            ? ActionRefusal.OlderThanWithdrawal
            : null;
    }

    private static void AtLeastOne(Categories categories)
    {
        if (categories is Categories.None or > Categories.All)
        {
            throw new ArgumentOutOfRangeException(nameof(categories), categories, "Consent is about at least one of the three categories.");
        }
    }
}
