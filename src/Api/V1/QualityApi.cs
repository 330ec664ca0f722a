using System.Globalization;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;
using Actors.Policy.Businesses;

namespace Actors.Api.V1;

/// <summary>A business's quality score and how it comes about.</summary>
/// <param name="At">The instant that the terms are of: for a business the last full hour.</param>
/// <param name="Rating">GREEN, YELLOW, RED or UNKNOWN.</param>
/// <param name="RatedSince">Since when; missing while unknown.</param>
/// <param name="Score">0 to 100; missing while unknown.</param>
/// <param name="Terms">What the formula is made of.</param>
/// <param name="Signals">Each kind in the business's life, by steps of enough different users.</param>
/// <param name="Down">How far it is to the worse band.</param>
/// <param name="Up">How far it is to the better band.</param>
/// <param name="Templates">Which templates move it, what pulls it down most first.</param>
internal sealed record QualityResponse(
    string At,
    string Rating,
    string? RatedSince,
    int? Score,
    QualityTermsShape Terms,
    SignalsShape Signals,
    DistanceShape? Down,
    DistanceShape? Up,
    IReadOnlyList<TemplateEffectShape> Templates)
{
    public static QualityResponse From(QualityView view, QualityNumbers numbers) => new(
        view.At.ToString(),
        Words.Of(view.Band),
        view.BandSince == default ? null : view.BandSince.ToString(),
        view.Score,
        new QualityTermsShape(
            "score = 100 * exp(-rate / scale), rate = (negative + prior_delivered * prior_rate) / (delivered + prior_delivered)",
            Math.Round(view.Delivered, 3),
            view.Negative is { } negative ? Math.Round(negative, 3) : null,
            view.Rate is { } rate ? Math.Round(rate, 6) : null,
            numbers.PriorDelivered,
            numbers.PriorPerThousand / 1_000d,
            numbers.ScalePerThousand / 1_000d,
            numbers.HalfLife.TotalHours,
            view.DeliveredInLife,
            numbers.GreenFrom,
            numbers.YellowFrom,
            numbers.ClimbPoints),
        new SignalsShape(view.Reports, view.Blocks, view.OptOuts, view.NotInterested, numbers.PrivacyFloor),
        DistanceShape.From(view.Down),
        DistanceShape.From(view.Up),
        [.. view.Templates.Select(TemplateEffectShape.From)]);
}

/// <summary>What one template does to the business's score.</summary>
/// <param name="Id">The template.</param>
/// <param name="Delivered">Users delivered to by it, halved every half-life.</param>
/// <param name="Negative">Negative weight charged to it; missing below the privacy floor.</param>
/// <param name="ScoreWithout">What the business's score would be had it never been sent; missing below the privacy floor and while unknown.</param>
internal sealed record TemplateEffectShape(string Id, double Delivered, double? Negative, int? ScoreWithout)
{
    public static TemplateEffectShape From(TemplateEffect effect) => new(
        effect.Template.ToString(CultureInfo.InvariantCulture),
        Math.Round(effect.Delivered, 3),
        effect.Negative is { } negative ? Math.Round(negative, 3) : null,
        effect.ScoreWithout);
}

/// <summary>The score's terms.</summary>
/// <param name="Formula">How they make the score.</param>
/// <param name="Delivered">Users delivered to, halved every half-life.</param>
/// <param name="Negative">Negative weight, halved every half-life; missing below the privacy floor.</param>
/// <param name="Rate">Missing below the privacy floor.</param>
/// <param name="PriorDelivered">Deliveries that everybody starts with.</param>
/// <param name="PriorRate">Negative weight of each of those.</param>
/// <param name="Scale">The rate at which the score is 100/e.</param>
/// <param name="HalfLifeHours">After so many hours a delivery or signal counts half.</param>
/// <param name="DeliveredInLife">Users delivered to in the business's life.</param>
/// <param name="GreenFrom">Green from this score on.</param>
/// <param name="YellowFrom">Yellow from this score on, red below.</param>
/// <param name="ClimbPoints">Points above a band's edge that climbing into it takes.</param>
internal sealed record QualityTermsShape(
    string Formula,
    double Delivered,
    double? Negative,
    double? Rate,
    int PriorDelivered,
    double PriorRate,
    double Scale,
    double HalfLifeHours,
    long DeliveredInLife,
    int GreenFrom,
    int YellowFrom,
    int ClimbPoints);

/// <summary>Negative signals in the business's life; a kind is missing until so many different users gave it.</summary>
internal sealed record SignalsShape(long? Reports, long? Blocks, long? OptOuts, long? NotInterested, int ShownFromUsers);

/// <summary>How far it is to another band.</summary>
/// <param name="Rating">Which.</param>
/// <param name="Points">Points of the score.</param>
/// <param name="Blocks">Down: so many blocks now lead there. Up: with so many fewer it would be there.</param>
/// <param name="Deliveries">Up: so many users delivered to without a signal lead there.</param>
/// <param name="At">Up: when time alone leads there.</param>
internal sealed record DistanceShape(string Rating, double Points, long? Blocks, long? Deliveries, string? At)
{
    public static DistanceShape? From(BandDistance? distance) =>
        distance is null ? null : new(Words.Of(distance.Band), distance.Points, distance.Blocks, distance.Deliveries, distance.At?.ToString());
}

/// <summary>A business's messaging limit.</summary>
/// <param name="Tier">Users in any 24 hours: 250, 2000, 10000, 100000 or "unlimited".</param>
internal sealed record LimitResponse(JsonElement Tier);

/// <summary>How a business is judged, and how many users it may open.</summary>
internal static class QualityApi
{
    public static void MapQuality(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/businesses/{business}").WithTags("Quality");

        group.MapGet("/quality", GetAsync).AllowBusiness(Scopes.Read).AllowOperator().WithName("GetQuality")
            .WithSummary("Score, rating, the formula's terms, the distance to the next band, and which templates move it")
            .WithDescription("A business sees what was counted until the last full hour, and each kind of signal from 10 different users on.")
            .Produces<QualityResponse>().ProducesProblems(404);
        group.MapPut("/limit", SetLimitAsync).AllowOperator().WithName("SetLimit")
            .WithSummary("Set the messaging limit; it holds for a day at least, then use can raise it")
            .Accepts<LimitRequest>("application/json").WithExample("""{"tier":10000,"note":"known sender"}""")
            .Produces<LimitResponse>().ProducesProblems(400, 404);
    }

    private static async Task<IResult> GetAsync(long business, Caller caller, IGrainFactory grains, PolicyBook policy) =>
        await grains.GetGrain<IBusinessGrain>(business).QualityAsync(caller.Role == CallerRole.Operator) is { } view
            ? TypedResults.Ok(QualityResponse.From(view, policy.Current.Quality))
            : Refusals.BusinessUnknown;

    private static async Task<IResult> SetLimitAsync(HttpContext context, long business, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.LimitRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var tier = TierOf(request.Tier);
        if (tier is null)
        {
            checks.Add("tier", "it must be one of 250, 2000, 10000, 100000, \"unlimited\"");
        }

        checks.Note(request.Note);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        return await grains.GetGrain<IBusinessGrain>(business).SetLimitAsync(tier.GetValueOrDefault(), request.Note, caller.Actor)
            ? TypedResults.Ok(new LimitResponse(request.Tier))
            : Refusals.BusinessUnknown;
    }

    private static LimitTier? TierOf(JsonElement tier) => tier.ValueKind switch
    {
        JsonValueKind.String when tier.ValueEquals("unlimited") => LimitTier.Unlimited,
        JsonValueKind.Number when tier.TryGetInt32(out var users) => users switch
        {
            250 => LimitTier.First,
            2_000 => LimitTier.Second,
            10_000 => LimitTier.Third,
            100_000 => LimitTier.Fourth,
            _ => null,
        },
        _ => null,
    };
}
