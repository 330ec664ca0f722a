using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Channels;

namespace Actors.Api.Tests.Inbox;

/// <summary>One event of a stream.</summary>
internal sealed record StreamEvent(string Id, string Kind, JsonElement Data)
{
    public string Message => Data.GetProperty("id").GetString()!;

    public string Status => Data.GetProperty("status").GetString()!;

    /// <summary>The text of a free-form message.</summary>
    public string Text => Data.GetProperty("content").GetProperty("text").GetProperty("body").GetString()!;
}

/// <summary>A device that listens.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<StreamEvent> _events = Channel.CreateUnbounded<StreamEvent>();

    private StreamClient(HttpResponseMessage response)
    {
        _response = response;
        Ended = Task.Run(ListenAsync);
    }

    /// <summary>Ends when the node ends the stream.</summary>
    public Task Ended { get; }

    /// <summary>After how many milliseconds it is to come again, as the node says.</summary>
    public int Retry { get; private set; }

    public int Status => (int)_response.StatusCode;

    public Task<string> BodyAsync() => _response.Content.ReadAsStringAsync();

    /// <summary>Opens a stream, which must be let in.</summary>
    public static async Task<StreamClient> OpenAsync(NodeFixture node, long user, string? device = null, string? lastId = null, string? token = null)
    {
        var client = await TryOpenAsync(node, user, device, lastId, token);
        Assert.True(client.Status == 200, client.Status == 200 ? "" : await client.BodyAsync());
        Assert.Equal("text/event-stream", client._response.Content.Headers.ContentType?.MediaType);
        return client;
    }

    public static async Task<StreamClient> TryOpenAsync(NodeFixture node, long user, string? device = null, string? lastId = null, string? token = null)
    {
        var query = device is null ? "" : "?device=" + device;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/users/{user}/inbox{query}", UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? node.TokenOf(user));
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        return new StreamClient(await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
    }

    /// <summary>The next event, once it comes.</summary>
    public async Task<StreamEvent> NextAsync() => await _events.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>The next events.</summary>
    public async Task<List<StreamEvent>> NextAsync(int count)
    {
        var events = new List<StreamEvent>();
        while (events.Count < count)
        {
            events.Add(await NextAsync());
        }

        return events;
    }

    /// <summary>All events up to one that fits.</summary>
    public async Task<List<StreamEvent>> UntilAsync(Predicate<StreamEvent> fits)
    {
        var events = new List<StreamEvent>();
        do
        {
            events.Add(await NextAsync());
        }
        while (!fits(events[^1]));

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _response.Dispose();
        await Task.WhenAny(Ended);
        _stopping.Dispose();
    }

    private async Task ListenAsync()
    {
        if (Status != 200)
        {
            return;
        }

        try
        {
            using var reader = new StreamReader(await _response.Content.ReadAsStreamAsync(_stopping.Token));
            var (id, kind, data) = ("", "", "");
            while (await reader.ReadLineAsync(_stopping.Token) is { } line)
            {
                Retry = line.StartsWith("retry: ", StringComparison.Ordinal) ? int.Parse(line["retry: ".Length..], CultureInfo.InvariantCulture) : Retry;
                (id, kind, data) = line.Split(": ", 2) switch
                {
                    ["id", var value] => (value, kind, data),
                    ["event", var value] => (id, value, data),
                    ["data", var value] => (id, kind, value),
                    _ => (id, kind, data),
                };
                if (line.Length == 0 && data.Length > 0)
                {
                    _events.Writer.TryWrite(new StreamEvent(id, kind, JsonElement.Parse(data)));
                    data = "";
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or HttpRequestException)
        {
            // It was closed here.
        }
        finally
        {
            _events.Writer.TryComplete();
        }
    }
}
