// Load of a chosen kind against any address, over HTTP only, and the checker that proves afterwards, from outside, that the guarantees held.
// Exit code: 0 fine, 1 could not run, 2 violations, 3 thresholds missed.
using System.CommandLine;
using Actors.Bench.Scenarios;

var defaults = new Settings { Scenario = Scenario.All[0], Url = new Uri("http://127.0.0.1:5080") };
var url = new Option<Uri>("--url")
{
    Description = "Address of the platform.",
    DefaultValueFactory = _ => defaults.Url,
    CustomParser = result =>
    {
        if (!Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            result.AddError($"--url is {result.Tokens[0].Value}; write an http or https address.");
        }

        return address;
    },
};
var keyFile = new Option<FileInfo?>("--signing-key-file") { Description = "File with the platform's signing key; else Auth__SigningKey of the environment." };
var tokenFile = new Option<FileInfo?>("--operator-token-file") { Description = "File with an operator's token, where the key isn't to be had: no users then." };
var seconds = Ranged("--seconds", "Seconds of load.", 1, 86_400, defaults.Seconds);
var rate = Ranged("--rate", "Calls per second, open loop; its highest where the scenario has several.", 1, 100_000, defaults.Rate!.Value);
var connections = Ranged("--connections", "Calls under way at once, closed loop; with --rate the most of it.", 1, 10_000, defaults.Connections);
var businesses = Ranged("--businesses", "Businesses; the last one may open 250 users and send 80 a second only.", 2, 100, defaults.Businesses);
var users = Ranged("--users", "Users.", 10, 1_000_000, defaults.Users);
var seed = new Option<int>("--seed") { Description = "The same seed makes the same choices.", DefaultValueFactory = _ => defaults.Seed };
var timeout = Ranged("--timeout", "Seconds that an attempt may take.", 1, 600, (int)defaults.Timeout.TotalSeconds);
var patience = Ranged("--patience", "Seconds for which a call is repeated.", 1, 3_600, (int)defaults.Patience.TotalSeconds);
var slow = new Option<string?>("--slow-database") { Description = "Connection string of the PostgreSQL that is locked for 200 ms twice a second." };
var report = new Option<FileInfo?>("--report") { Description = "HTML file for the report." };
var minRate = new Option<double?>("--min-rate") { Description = "Threshold: sends per second answered for good, on average." };
var p99 = new Option<double?>("--p99") { Description = "Threshold: milliseconds of the 99th percentile." };
var maxForLoad = new Option<long?>("--max-refused-for-load") { Description = "Threshold: sends refused for load." };
var maxUnknown = new Option<long?>("--max-unknown") { Description = "Threshold: sends without an answer for good." };
var maxSilence = new Option<double?>("--max-silence") { Description = "Threshold: milliseconds without an accepted send." };

var root = new RootCommand("Load against any address, and the proof that the guarantees held.");
Option[] options =
[
    url, keyFile, tokenFile, seconds, rate, connections, businesses, users, seed, timeout, patience, slow, report,
    minRate, p99, maxForLoad, maxUnknown, maxSilence,
];
foreach (var scenario in Scenario.All)
{
    var command = new Command(scenario.Name, scenario.What);
    foreach (var option in options)
    {
        command.Options.Add(option);
    }

    command.SetAction((parsed, stop) => RunAsync(scenario, parsed, stop));
    root.Subcommands.Add(command);
}

// Ctrl-C ends the load; what was made is checked all the same.
var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(5) };
return await root.Parse(args).InvokeAsync(invocation);

async Task<int> RunAsync(Scenario scenario, ParseResult parsed, CancellationToken stop)
{
    try
    {
        var settings = new Settings
        {
            Scenario = scenario,
            Url = parsed.GetValue(url)!,
            Seconds = parsed.GetValue(seconds),
            Rate = parsed.GetResult(connections) is { Implicit: false } && parsed.GetResult(rate) is null or { Implicit: true } ? null : parsed.GetValue(rate),
            Connections = parsed.GetValue(connections),
            Businesses = parsed.GetValue(businesses),
            Users = parsed.GetValue(users),
            Seed = parsed.GetValue(seed),
            Timeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
            Patience = TimeSpan.FromSeconds(parsed.GetValue(patience)),
            SlowDatabase = parsed.GetValue(slow),
            Thresholds = new Thresholds
            {
                MinRate = parsed.GetValue(minRate),
                P99 = parsed.GetValue(p99),
                MaxRefusedForLoad = parsed.GetValue(maxForLoad),
                MaxUnknown = parsed.GetValue(maxUnknown),
                MaxSilence = parsed.GetValue(maxSilence),
            },
        };
        var identity = await IdentityAsync(parsed.GetValue(keyFile), parsed.GetValue(tokenFile));
        var command = $"dotnet run --project bench/Scenarios -- {string.Join(' ', args)}";
        return (await Run.ExecuteAsync(settings, identity, Console.Out, parsed.GetValue(report)?.FullName, command, stop)).ExitCode;
    }
    catch (Exception cannot) when (cannot is InvalidOperationException or IOException or InvalidDataException or Npgsql.NpgsqlException)
    {
        await Console.Error.WriteLineAsync($"The run ended without a verdict: {cannot.Message}");
        return 1;
    }
}

static async Task<Identity> IdentityAsync(FileInfo? key, FileInfo? token)
{
    if (key is not null)
    {
        return Identity.WithKey((await File.ReadAllTextAsync(key.FullName)).Trim());
    }

    if (token is not null)
    {
        return new Identity((await File.ReadAllTextAsync(token.FullName)).Trim(), SigningKey: null);
    }

    return Environment.GetEnvironmentVariable("Auth__SigningKey") is { Length: > 0 } given
        ? Identity.WithKey(given)
        : throw new InvalidOperationException(
            "whom it speaks for isn't said: --signing-key-file, Auth__SigningKey in the environment, or --operator-token-file.");
}

static Option<int> Ranged(string name, string what, int from, int to, int byDefault)
{
    var option = new Option<int>(name) { Description = $"{what} {from} to {to}.", DefaultValueFactory = _ => byDefault };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < from || value > to))
        {
            result.AddError($"{name} is {value}; write a number from {from} to {to}.");
        }
    });
    return option;
}
