using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Contracts;

/// <summary>Where a business stands on the ladder.</summary>
/// <param name="Tier">0 to 6.</param>
/// <param name="Restriction">What runs.</param>
/// <param name="Until">When it ends by itself; null where nothing runs or an operator has to unlock.</param>
/// <param name="TierFallsAt">When the next tier comes off if there is no strike; null in tier 0 and 6.</param>
/// <param name="LockedAt">When an operator locked it, whatever its tier; null when none did.</param>
/// <param name="Strikes">All, oldest first, those taken back among them.</param>
[GenerateSerializer, Immutable, Alias("actors.enforcement-view")]
public sealed record EnforcementView(
    [property: Id(0)] int Tier,
    [property: Id(1)] Restriction Restriction,
    [property: Id(2)] Instant? Until,
    [property: Id(3)] Instant? TierFallsAt,
    [property: Id(4)] Instant? LockedAt,
    [property: Id(5)] ImmutableArray<StrikeView> Strikes);

/// <summary>A strike.</summary>
/// <param name="Number">1, 2, … in the business's life.</param>
/// <param name="Cause">What for.</param>
/// <param name="At">When.</param>
/// <param name="Note">What was measured, or what the operator says.</param>
/// <param name="AppealUntil">Until when, without it, an appeal can be filed.</param>
/// <param name="Appeal">The business's word against it; null while there is none.</param>
[GenerateSerializer, Immutable, Alias("actors.strike-view")]
public sealed record StrikeView(
    [property: Id(0)] int Number,
    [property: Id(1)] StrikeCause Cause,
    [property: Id(2)] Instant At,
    [property: Id(3)] string Note,
    [property: Id(4)] Instant AppealUntil,
    [property: Id(5)] AppealView? Appeal);

/// <summary>An appeal.</summary>
/// <param name="At">When it was filed.</param>
/// <param name="Text">What the business says.</param>
/// <param name="Status">How it stands.</param>
/// <param name="DecidedAt">When it was decided; null before.</param>
/// <param name="Note">What the operator says to it.</param>
[GenerateSerializer, Immutable, Alias("actors.appeal-view")]
public sealed record AppealView(
    [property: Id(0)] Instant At,
    [property: Id(1)] string Text,
    [property: Id(2)] AppealStatus Status,
    [property: Id(3)] Instant? DecidedAt,
    [property: Id(4)] string Note);

/// <summary>The answer to an appeal, or to a decision on one.</summary>
/// <param name="Refusal">Why not; null when it holds.</param>
/// <param name="Enforcement">Where the business stands now.</param>
[GenerateSerializer, Immutable, Alias("actors.appeal-reply")]
public sealed record AppealReply([property: Id(0)] AppealRefusal? Refusal, [property: Id(1)] EnforcementView Enforcement);

/// <summary>A business's quality and how it comes about.</summary>
[GenerateSerializer, Immutable, Alias("actors.quality-view")]
public sealed record QualityView
{
    /// <summary>The instant that the terms are of.</summary>
    [Id(0)]
    public Instant At { get; init; }

    /// <summary>The band, as it was last judged.</summary>
    [Id(1)]
    public QualityBand Band { get; init; }

    /// <summary>Since when.</summary>
    [Id(2)]
    public Instant BandSince { get; init; }

    /// <summary>The score, 0 to 100, rounded half up; null while the band is unknown.</summary>
    [Id(3)]
    public int? Score { get; init; }

    /// <summary>D: users delivered to, decayed.</summary>
    [Id(4)]
    public double Delivered { get; init; }

    /// <summary>Users delivered to in its life.</summary>
    [Id(5)]
    public long DeliveredInLife { get; init; }

    /// <summary>B: negative weight, decayed; null below the privacy floor.</summary>
    [Id(6)]
    public double? Negative { get; init; }

    /// <summary>r; null below the privacy floor.</summary>
    [Id(7)]
    public double? Rate { get; init; }

    /// <summary>Reports in its life; null below the privacy floor.</summary>
    [Id(8)]
    public long? Reports { get; init; }

    /// <summary>Blocks in its life; null below the privacy floor.</summary>
    [Id(9)]
    public long? Blocks { get; init; }

    /// <summary>Opt-outs and stops in its life; null below the privacy floor.</summary>
    [Id(10)]
    public long? OptOuts { get; init; }

    /// <summary>Not-interesteds in its life; null below the privacy floor.</summary>
    [Id(11)]
    public long? NotInterested { get; init; }

    /// <summary>How far it is to the worse band; null in red and while unknown.</summary>
    [Id(12)]
    public BandDistance? Down { get; init; }

    /// <summary>How far it is to the better band; null in green and while unknown.</summary>
    [Id(13)]
    public BandDistance? Up { get; init; }

    /// <summary>The templates that move the score, whoever pulls it down most first; at most <see cref="TemplateShares.ShownMax"/>.</summary>
    [Id(14)]
    public ImmutableArray<TemplateEffect> Templates { get; init; } = [];
}

/// <summary>What one template does to its business's score.</summary>
/// <param name="Template">The template's id.</param>
/// <param name="Delivered">Users delivered to by it, decayed.</param>
/// <param name="Negative">Negative weight charged to it, decayed; null below the privacy floor.</param>
/// <param name="ScoreWithout">
/// The business's score, rounded half up, if it had never been sent; null below the privacy floor and while the band is unknown.
/// </param>
[GenerateSerializer, Immutable, Alias("actors.template-effect")]
public sealed record TemplateEffect(
    [property: Id(0)] long Template,
    [property: Id(1)] double Delivered,
    [property: Id(2)] double? Negative,
    [property: Id(3)] int? ScoreWithout);

/// <summary>How far it is to another band.</summary>
/// <param name="Band">Which.</param>
/// <param name="Points">Points of the score.</param>
/// <param name="Blocks">Down: so many blocks now lead there. Up: with so many fewer it would be there; null where blocks alone can't do it.</param>
/// <param name="Deliveries">Up: so many users delivered to without a signal lead there; null where no number does, and down.</param>
/// <param name="At">Up: when time alone leads there; null where it doesn't, and down.</param>
[GenerateSerializer, Immutable, Alias("actors.band-distance")]
public sealed record BandDistance(
    [property: Id(0)] QualityBand Band,
    [property: Id(1)] double Points,
    [property: Id(2)] long? Blocks,
    [property: Id(3)] long? Deliveries,
    [property: Id(4)] Instant? At);

/// <summary>How often a business was reported for one reason.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Today">On the day that now lies in, by the ledger's time.</param>
/// <param name="Week">On this day and the six before.</param>
/// <param name="Month">On this day and the 29 before.</param>
/// <param name="Total">All that were ever counted.</param>
/// <param name="NewestAt">When the newest came.</param>
[GenerateSerializer, Immutable, Alias("actors.report-view")]
public sealed record ReportView(
    [property: Id(0)] ComplaintReason Reason,
    [property: Id(1)] long Today,
    [property: Id(2)] long Week,
    [property: Id(3)] long Month,
    [property: Id(4)] long Total,
    [property: Id(5)] Instant NewestAt);
