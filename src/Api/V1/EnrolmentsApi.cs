using Actors.Api.Auth;
using Actors.Api.Enrolments;
using Actors.Api.Json;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>A number that a code is to be sent to.</summary>
/// <param name="User">The phone number.</param>
internal sealed record EnrolmentRequest(string User);

/// <summary>A code is on its way.</summary>
/// <param name="Id">What the code is given back with.</param>
/// <param name="ExpiresAt">When the code ends.</param>
internal sealed record EnrolmentResponse(string Id, string ExpiresAt);

/// <summary>A code that is given back.</summary>
/// <param name="Code">Six digits.</param>
/// <param name="Device">A device to register, too.</param>
internal sealed record EnrolmentCodeRequest(string Code, string? Device = null);

/// <summary>A user's token.</summary>
/// <param name="User">The wa_id.</param>
/// <param name="Token">Sent as <c>Authorization: Bearer …</c>. Shown once.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="DeviceAdded">Whether the device is registered; missing where none was named. False where the user has as many as one may have.</param>
internal sealed record UserTokenResponse(string User, string Token, string ExpiresAt, bool? DeviceAdded);

/// <summary>How a person's app gets a token: a one-time code goes to the number, and who has it is who the number belongs to.</summary>
/// <remarks>Nothing here looks at whether the platform knows the number: known and unknown ones get the same answers.</remarks>
internal static class EnrolmentsApi
{
    private const int CodeDigits = 6;

    public static void MapEnrolments(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/enrolments").WithTags("Enrolment");

        group.MapPost("", BeginAsync).AllowAnyone().WithName("BeginEnrolment")
            .WithSummary("Send a one-time code to a phone number")
            .WithDescription(
                "The code has six digits and is good for 10 minutes, 5 tries and once; the right one ends the others of its number. A number gets at most 3 "
                + "codes in 10 minutes and 10 in 24 hours. The answer doesn't tell whether the number is known.")
            .Accepts<EnrolmentRequest>("application/json").WithExample("""{"user":"+49 1511 2345678"}""")
            .Produces<EnrolmentResponse>(202).ProducesProblems(400, 429, 501);
        group.MapPost("/{enrolment}", FinishAsync).AllowAnyone().WithName("FinishEnrolment")
            .WithSummary("Give the code back and get the user's token")
            .WithDescription("Each call is a try. device registers a device of that name in the same call.")
            .Accepts<EnrolmentCodeRequest>("application/json").WithExample("""{"code":"123456","device":"phone"}""")
            .Produces<UserTokenResponse>(201).ProducesProblems(400, 403, 404, 429, 501);
    }

    private static async Task<IResult> BeginAsync(
        HttpContext context, EnrolmentKeyring keyring, EnrolmentRates rates, IGrainFactory grains, TimeProvider time, IServiceProvider services)
    {
        if (Off(services) is { } off)
        {
            return off;
        }

        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.EnrolmentRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var user = checks.User("user", request.User);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if (rates.TakeCode(context.Connection.RemoteIpAddress) is { } wait)
        {
            return TooMany(Instant.From(time.GetUtcNow() + wait));
        }

        var keys = await keyring.GetAsync();
        var (serial, code) = (EnrolmentKeys.NewSerial(), EnrolmentKeys.NewCode());
        var begun = await grains.GetGrain<IEnrolmentGrain>(keys.GrainOf(user)).BeginAsync(serial, keys.ProofOf(user, serial, code));
        if (begun.RetryAt is { } retryAt)
        {
            return TooMany(retryAt);
        }

        await services.GetRequiredService<IEnrolmentChannel>().SendAsync(user, code, begun.ExpiresAt, context.RequestAborted);
        return TypedResults.Json(new EnrolmentResponse(keys.IdOf(user, serial), begun.ExpiresAt.ToString()), statusCode: 202);
    }

    private static async Task<IResult> FinishAsync(
        HttpContext context, string enrolment, EnrolmentKeyring keyring, EnrolmentRates rates, IGrainFactory grains, TimeProvider time,
        IServiceProvider services)
    {
        if (Off(services) is { } off)
        {
            return off;
        }

        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.EnrolmentCodeRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Device("device", request.Device);
        if (request.Code.Length != CodeDigits || !request.Code.All(char.IsAsciiDigit))
        {
            checks.Add("code", "it must be the six digits");
        }

        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if (rates.TakeTry(context.Connection.RemoteIpAddress) is { } wait)
        {
            return TooMany(Instant.From(time.GetUtcNow() + wait));
        }

        var keys = await keyring.GetAsync();
        if (!keys.TryRead(enrolment, out var user, out var serial))
        {
            return Unknown;
        }

        var tried = await grains.GetGrain<IEnrolmentGrain>(keys.GrainOf(user)).TryAsync(serial, keys.ProofOf(user, serial, request.Code));
        if (tried.Outcome == EnrolmentTry.Wrong)
        {
            rates.NoteWrong();
        }

        return tried.Outcome switch
        {
            EnrolmentTry.Right => TypedResults.Json(await TokenAsync(user, request.Device, grains, time, services), statusCode: 201),
            EnrolmentTry.Wrong => Wrong(tried.TriesLeft),
            EnrolmentTry.Over => Unknown,
            EnrolmentTry.Undecided => throw new InvalidOperationException("A try of a code ended without an outcome."),
        };
    }

    private static async Task<UserTokenResponse> TokenAsync(
        long user, string? device, IGrainFactory grains, TimeProvider time, IServiceProvider services)
    {
        // The code is used up: whatever becomes of the device, the token is the user's.
        bool? added = null;
        if (device is not null)
        {
            try
            {
                added = (await grains.GetGrain<IUserGrain>(user).AddDeviceAsync(device)).Refusal is null;
            }
            catch (Exception e) when (Failures.IsOutage(e))
            {
                added = false;
            }
        }

        var life = TimeSpan.FromDays(services.GetRequiredService<EnrolmentSettings>().TokenDays);
        var expiresAt = new Instant((time.GetUtcNow() + life).ToUnixTimeSeconds() * 1_000);
        var token = services.GetRequiredService<TokenIssuer>().ForUser(user, life);
        return new UserTokenResponse(user.ToString(System.Globalization.CultureInfo.InvariantCulture), token, expiresAt.ToString(), added);
    }

    /// <summary>Why nobody can enrol here; null where they can.</summary>
    private static Problem? Off(IServiceProvider services) =>
        services.GetService<TokenIssuer>() is null
            ? new Problem(501, "tokens_elsewhere", "Tokens are made by the provider at Auth:Authority, not here.")
            : services.GetService<IEnrolmentChannel>() is null
                ? new Problem(501, "enrolment_off", "No way to send codes is configured here (Enrolment:Channel).")
                : null;

    private static Problem TooMany(Instant retryAt) => new(429, "rate_limited", "Too many codes were asked for or tried.") { RetryAt = retryAt };

    private static Problem Wrong(int left) => new(403, "code_wrong", "The code is not the one that was sent.")
    {
        More = writer => writer.WriteNumber("tries_left", left),
    };

    private static Problem Unknown { get; } = new(
        404, "enrolment_unknown", "There is no such code to give back: it was used, ended by another, tried too often, is too old, or never was. Ask anew.");
}
