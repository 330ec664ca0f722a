using System.Globalization;

namespace Actors.Bench.Scenarios;

/// <summary>One line for each second of a run, as it ends; on a terminal they take the same line.</summary>
internal sealed class Display : IAsyncDisposable
{
    private readonly Meter _meter;
    private readonly Generator _generator;
    private readonly TextWriter _output;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _loop;
    private readonly int _width;

    public Display(Meter meter, Generator generator, TextWriter output)
    {
        (_meter, _generator, _output) = (meter, generator, output);
        _width = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected ? Math.Max(40, Console.WindowWidth - 1) : 0;
        _loop = ShowAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
        if (_width > 0)
        {
            await _output.WriteLineAsync();
        }
    }

    private async Task ShowAsync()
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var shown = 0;
        for (var goesOn = true; goesOn;)
        {
            goesOn = await NextAsync(ticks);
            var seconds = _meter.Seconds;
            for (var end = goesOn ? _meter.Running : Math.Max(shown, seconds.Count); shown < end; shown++)
            {
                var line = Line(shown + 1, shown < seconds.Count ? seconds[shown] : new Second());
                await (_width > 0 ? _output.WriteAsync("\r" + (line.Length > _width ? line[.._width] : line.PadRight(_width))) : _output.WriteLineAsync(line));
            }
        }
    }

    /// <summary>Waits a second; false once the load is over.</summary>
    private async Task<bool> NextAsync(PeriodicTimer ticks)
    {
        try
        {
            return await ticks.WaitForNextTickAsync(_end.Token);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            return false;
        }
    }

    private string Line(int number, Second second) => string.Create(
        CultureInfo.InvariantCulture,
        $"{number,4} s  {second.Accepted + second.Refused,6}/s  p50 {Meter.Milliseconds(second.Latency, 50),7:0.0} ms  "
        + $"p99 {Meter.Milliseconds(second.Latency, 99),7:0.0} ms  refused {second.Refused,5}  repeated {second.Repeats,4}  busy {second.Busy}  "
        + $"unknown {second.Unknown}  acts {second.Acts,5}  in flight {_generator.InFlight}");
}
