using Actors.Api.Auth;
using Actors.Api.V1;
using Actors.Policy.Users;

namespace Actors.Api.Inbox;

/// <summary>Opens live streams: checks what is asked, keeps the limits, and runs them beside the requests that are counted.</summary>
internal sealed class StreamDoor(InboxStreams streams, StreamParts parts, InFlightGate gate)
{
    private const string LastEventId = "Last-Event-ID";

    // A machine's matter: how long a device waits for the silo before it is told to come again.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A refusal at once; else an answer that lasts as long as the stream.</summary>
    public async Task<IResult> OpenAsync(HttpContext context, long user)
    {
        var checks = new Checks();
        string? device = context.Request.Query["device"];
        checks.Device("device", device);
        var place = PlaceOf(context.Request, user, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if (device is not null && !await parts.Users[user].HasDeviceAsync(device))
        {
            return Refusals.Of(ActionRefusal.DeviceUnknown, CallerRole.User);
        }

        var caller = context.Features.Get<Caller>() ?? throw new InvalidOperationException("A stream has a caller.");
        var stream = new InboxStream(user, device, caller.ExpiresAt, place, parts);
        return streams.TryAdd(stream) switch
        {
            StreamRefusal.TooManyOfUser => new Problem(
                429, "too_many_streams", $"A user has at most {InboxStreams.OfUserMax} live streams. End one, or name the device: a new one ends its old one.")
            {
                RetryAfter = 30,
            },
            StreamRefusal.TooManyOfNode => Problems.Overloaded,
            null => new Answer(this, stream),
        };
    }

    /// <summary>Where the device stands: by the stream's own id, or by the cursor of a page, which says nothing of statuses; null for a new one.</summary>
    private static StreamPlace? PlaceOf(HttpRequest request, long user, Checks checks)
    {
        if (request.Headers[LastEventId] is [{ Length: > 0 } id])
        {
            if (StreamPlace.TryParse(user, id, out var place))
            {
                return place;
            }

            checks.Add(LastEventId, "it must be the id of an event of this user's stream");
            return null;
        }

        return Page.Read(request.Query, CursorKind.Inbox, checks, "device").After is { } after ? new StreamPlace(after, after, default) : null;
    }

    private async Task RunAsync(InboxStream stream, HttpContext context)
    {
        try
        {
            await parts.Feed.ReadyAsync().WaitAsync(Patience, TimeProvider.System, context.RequestAborted);
            await gate.OutsideAsync(() => stream.RunAsync(context));
        }
        finally
        {
            streams.Remove(stream);
        }
    }

    private sealed class Answer(StreamDoor door, InboxStream stream) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => door.RunAsync(stream, httpContext);
    }
}

/// <summary>What live streams need.</summary>
internal static class InboxHosting
{
    public static IServiceCollection AddInboxStreams(this IServiceCollection services)
    {
        services.AddSingleton<TemplateTexts>();
        services.AddSingleton<InboxReads>();
        services.AddSingleton<StreamShapes>();
        services.AddSingleton<StreamParts>();
        services.AddSingleton<InboxFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<InboxFeed>());
        services.AddSingleton<InboxStreams>();
        services.AddSingleton<StreamDoor>();
        return services;
    }
}
