using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>A business that was registered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Numbers">Its numbers.</param>
/// <param name="Token">A token for it with every scope; missing where tokens are made elsewhere.</param>
internal sealed record RegisteredResponse(string Id, IReadOnlyList<NumberShape> Numbers, string? Token);

/// <summary>A number that a business sends from.</summary>
/// <param name="Id">The phone-number-id.</param>
/// <param name="DisplayPhoneNumber">The number itself. Fictional: country code 999 is assigned to nobody.</param>
internal sealed record NumberShape(string Id, string DisplayPhoneNumber)
{
    public static NumberShape From(BusinessNumber number) =>
        new(number.Id.ToString(CultureInfo.InvariantCulture), FictionalNumbers.Display(number.PhoneNumber));
}

/// <summary>A business.</summary>
internal sealed record BusinessResponse(
    string Id,
    string Name,
    string Country,
    string? Website,
    string? Address,
    string? PhotoUrl,
    IReadOnlyList<NumberShape> Numbers,
    string Status,
    string Verification,
    bool Official,
    string TermsAcceptedAt)
{
    public static BusinessResponse From(BusinessView view) => new(
        view.Id.ToString(CultureInfo.InvariantCulture),
        view.Registration.Name,
        view.Registration.Country,
        view.Registration.Website,
        view.Registration.Address,
        view.Registration.PhotoUrl,
        [.. view.Registration.Numbers.Select(NumberShape.From)],
        Words.Of(view.Status),
        Words.Of(view.Verification),
        view.Official,
        view.TermsAcceptedAt.ToString());
}

/// <summary>A page of businesses.</summary>
/// <param name="Businesses">Ascending by id.</param>
/// <param name="Next">The cursor for <c>after</c>; missing at the end.</param>
internal sealed record BusinessesResponse(IReadOnlyList<BusinessLine> Businesses, string? Next);

/// <summary>A business in a list.</summary>
internal sealed record BusinessLine(string Id, string Name, string Status, string CreatedAt);

/// <summary>Operators register, find and verify businesses.</summary>
internal static class BusinessesApi
{
    private const int NumbersMax = 20;
    private const int SerialsTried = 16;

    public static void MapBusinesses(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/businesses").WithTags("Businesses");

        group.MapPost("", RegisterAsync).AllowOperator().WithName("RegisterBusiness")
            .WithSummary("Register a business; the answer holds its ids, its numbers and a token")
            .Accepts<BusinessRequest>("application/json").WithExample("""{"name":"Corner Shop","country":"DE","accept_terms":true,"numbers":1}""")
            .Produces<RegisteredResponse>(201).ProducesProblems(400);
        group.MapGet("", ListAsync).AllowOperator().WithName("ListBusinesses")
            .WithSummary("Businesses, ascending by id; search finds a part of the name")
            .TakesPage("search").Produces<BusinessesResponse>().ProducesProblems(400);
        group.MapGet("/{business}", GetAsync).AllowBusiness(Scopes.Read).AllowOperator().WithName("GetBusiness")
            .WithSummary("One business").Produces<BusinessResponse>().ProducesProblems(404);
        group.MapPost("/{business}/verification", VerifyAsync).AllowOperator().WithName("VerifyBusiness")
            .WithSummary("Record where the verification of a business stands")
            .Accepts<VerificationRequest>("application/json").WithExample("""{"status":"verified","official":false,"note":"papers seen"}""")
            .Produces<BusinessResponse>().ProducesProblems(400, 404);
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext context, Caller caller, IGrainFactory grains, TimeProvider time, IServiceProvider services)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.BusinessRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = Check(request);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        for (var attempt = 0; attempt < SerialsTried; attempt++)
        {
            var id = Ids.Business(RandomNumberGenerator.GetInt32(Ids.SerialsMax));
            var numbers = Enumerable.Range(0, request.Numbers).Select(i => Ids.PhoneNumber(id, i))
                .Select(n => new BusinessNumber(n, FictionalNumbers.Of(n))).ToImmutableArray();
            var business = grains.GetGrain<IBusinessGrain>(id);
            var registration = new BusinessRegistration(
                request.Name, request.Country, numbers, request.Website, request.Address, request.PhotoUrl);
            if (await business.RegisterAsync(registration, caller.Actor))
            {
                var token = services.GetService<TokenIssuer>() is { } issuer
                    ? await TokensApi.MakeAsync(issuer, business, id, Scopes.All, TokensApi.DaysDefault, caller, time)
                    : null;
                var registered = new RegisteredResponse(Text(id), [.. numbers.Select(NumberShape.From)], token?.Token);
                return TypedResults.Created($"/v1/businesses/{Text(id)}", registered);
            }
        }

        // A thousand million serials: so many that are taken in a row say that something else is wrong.
        throw new InvalidOperationException("No free serial was found for a new business.");
    }

    private static Checks Check(BusinessRequest request)
    {
        var checks = new Checks();
        checks.Text("name", request.Name, 64, min: 2);
        if (request.Name != request.Name.Trim())
        {
            checks.Add("name", "it must not begin or end with a blank");
        }

        if (request.Country.Length != 2 || !request.Country.All(char.IsAsciiLetterUpper))
        {
            checks.Add("country", "it must be an ISO 3166-1 code of two upper-case letters");
        }

        if (!request.AcceptTerms)
        {
            checks.Add("accept_terms", "it must be true: without the terms there is no business");
        }

        checks.Url("website", request.Website);
        checks.Text("address", request.Address, 256, lines: true);
        checks.Url("photo_url", request.PhotoUrl);
        checks.Range("numbers", request.Numbers, 1, NumbersMax);
        return checks;
    }

    private static async Task<IResult> ListAsync(HttpRequest request, IGrainFactory grains)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.Businesses, checks, "search");
        string? search = request.Query["search"];
        checks.Text("search", search, 64);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var found = await grains.GetGrain<ILedgerGrain>(0).BusinessesAsync(search, page.After ?? 0, page.Limit);
        return TypedResults.Ok(new BusinessesResponse(
            [.. found.Select(b => new BusinessLine(Text(b.Id), b.Name, b.Status, b.At.ToString()))],
            found.Length < page.Limit ? null : Cursor.Encode(CursorKind.Businesses, found[^1].Id)));
    }

    private static async Task<IResult> GetAsync(long business, IGrainFactory grains) =>
        await grains.GetGrain<IBusinessGrain>(business).GetAsync() is { } view ? TypedResults.Ok(BusinessResponse.From(view)) : Refusals.BusinessUnknown;

    private static async Task<IResult> VerifyAsync(HttpContext context, long business, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.VerificationRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var status = checks.Word<Verification>("status", request.Status);
        if (request.Official && status != Verification.Verified)
        {
            checks.Add("official", "it can be true only with status verified");
        }

        checks.Text("note", request.Note, 500, lines: true);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var grain = grains.GetGrain<IBusinessGrain>(business);
        return await grain.VerifyAsync(status, request.Official, request.Note ?? "", caller.Actor) && await grain.GetAsync() is { } view
            ? TypedResults.Ok(BusinessResponse.From(view))
            : Refusals.BusinessUnknown;
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
