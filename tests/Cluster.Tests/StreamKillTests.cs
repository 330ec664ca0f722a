using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>The node is killed again and again while devices listen: whoever resumes behind the last id that they have gets all the rest.</summary>
public sealed class StreamKillTests
{
    private const int Rounds = 3, Users = 4, PerRound = 25;

    private static readonly string[] _settings = ["Policy:Throughput:Default=100000", "Policy:PairRate:Burst=100000"];

    [Fact]
    public async Task A_device_that_resumes_after_its_node_was_killed_has_lost_nothing_and_nothing_went_backwards()
    {
        var data = TestNode.NewDataDirectory();
        var token = await TestNode.TokenAsync("operator", "tests");
        var devices = await Task.WhenAll(Enumerable.Range(0, Users).Select(async index => await Device.NewAsync(4_915_300_000_000 + index)));
        TestBusiness? business = null;
        for (var round = 0; round < Rounds; round++)
        {
            await using var node = await TestNode.StartAsync(data, _settings);
            var platform = new TestPlatform(node.Http, token);
            business ??= await PrepareAsync(platform, devices);
            var listening = devices.Select(device => device.ListenAsync(node.Http)).ToArray();
            var had = devices.Sum(device => device.Statuses.Count);
            var sends = Parallel.ForEachAsync(
                from device in devices from index in Enumerable.Range(0, PerRound) select (device, index),
                new ParallelOptions { MaxDegreeOfParallelism = 8 },
                async (send, _) => await SendAsync(platform, business, send.device, $"{round}-{send.index}"));
            await UntilAsync(() => sends.IsCompleted || devices.Sum(device => device.Statuses.Count) >= had + (Users * PerRound / 2));
            await node.KillAsync();
            await sends;
            await Task.WhenAll(listening);
        }

        await using var last = await TestNode.StartAsync(data, _settings);
        var events = await new TestPlatform(last.Http, token).EventsAsync(business!);
        var (accepted, delivered) = (Of("accepted"), Of("delivered"));
        Assert.NotEmpty(delivered);
        foreach (var device in devices)
        {
            _ = device.ListenAsync(last.Http);
        }

        await UntilAsync(() => devices.All(device => accepted[device.User].All(device.Statuses.ContainsKey)
            && delivered[device.User].All(message => device.Statuses.GetValueOrDefault(message) == "delivered")));
        Assert.All(devices, device => Assert.Equal(accepted[device.User].Order(), device.Statuses.Keys.Order()));
        Assert.All(devices, device => Assert.Empty(device.Backwards));

        ILookup<long, string> Of(string kind) => events.Where(line => (string?)line["kind"] == kind)
            .ToLookup(line => long.Parse((string)line["user"]!, System.Globalization.CultureInfo.InvariantCulture), line => (string)line["message"]!);
    }

    private static async Task<TestBusiness> PrepareAsync(TestPlatform platform, Device[] devices)
    {
        var business = await platform.RegisterAsync("Corner Shop");
        foreach (var device in devices)
        {
            await platform.WriteAsync(device.Token, device.User, business, "hello");
        }

        return business;
    }

    /// <summary>Sends and has it delivered; either may be cut off by the kill.</summary>
    private static async Task SendAsync(TestPlatform platform, TestBusiness business, Device device, string text)
    {
        var sent = await platform.SendAsync(
            business,
            new JsonObject { ["messaging_product"] = "whatsapp", ["to"] = $"{device.User}", ["type"] = "text", ["text"] = new JsonObject { ["body"] = text } },
            $"{device.User}-{text}");
        if (sent.Wamid is { } message)
        {
            try
            {
                await platform.CallAsync(
                    HttpMethod.Post, $"/v1/users/{device.User}/messages/{message}/status", device.Token, new JsonObject { ["status"] = "delivered" });
            }
            catch (HttpRequestException)
            {
                // The node is gone.
            }
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A device that remembers the last id that it has, and nothing else of where it stands.</summary>
    private sealed class Device
    {
        private string? _lastId;

        private Device(long user, string token) => (User, Token) = (user, token);

        public long User { get; }

        public string Token { get; }

        /// <summary>The newest status of each message that it has.</summary>
        public ConcurrentDictionary<string, string> Statuses { get; } = new();

        /// <summary>Messages that were accepted anew after they had been delivered.</summary>
        public ConcurrentBag<string> Backwards { get; } = [];

        public static async Task<Device> NewAsync(long user) => new(user, await TestNode.TokenAsync("user", $"{user}"));

        /// <summary>Listens until the connection breaks.</summary>
        public async Task ListenAsync(HttpClient http)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/users/{User}/inbox", UriKind.Relative));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            if (_lastId is not null)
            {
                request.Headers.Add("Last-Event-ID", _lastId);
            }

            try
            {
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                Assert.True(answer.IsSuccessStatusCode, $"the stream was answered with {answer.StatusCode}");
                using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
                string? id = null, data = null;
                while (await reader.ReadLineAsync() is { } line)
                {
                    (id, data) = line.Split(": ", 2) switch
                    {
                        ["id", var value] => (value, data),
                        ["data", var value] => (id, value),
                        _ => (id, data),
                    };
                    if (line.Length == 0 && data is not null)
                    {
                        Take(JsonNode.Parse(data)!);
                        (_lastId, data) = (id, null);
                    }
                }
            }
            catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
            {
                // The node is gone.
            }
        }

        private void Take(JsonNode got)
        {
            var (message, status) = ((string)got["id"]!, (string)got["status"]!);
            if (Statuses.GetValueOrDefault(message) == "delivered" && status != "delivered")
            {
                Backwards.Add(message);
            }

            Statuses[message] = status;
        }
    }
}
