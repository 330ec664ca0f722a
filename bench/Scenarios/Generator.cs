using System.Collections.Concurrent;

namespace Actors.Bench.Scenarios;

/// <summary>Makes the load of a scenario and keeps every call with its answer.</summary>
internal sealed class Generator(Settings settings, Stage stage, Calls calls, Meter meter, Clock clock) : IDisposable
{
    private readonly Traffic _traffic = new(settings.Scenario, stage, settings.Seed);
    private readonly Random _random = new(settings.Seed + 1);
    private readonly ConcurrentQueue<Send> _sends = new();
    private readonly ConcurrentQueue<Act> _acts = new();
    private readonly SemaphoreSlim _free = new(settings.Connections);
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inFlight;

    public IReadOnlyCollection<Send> Sends => _sends;

    public IReadOnlyCollection<Act> Acts => _acts;

    /// <summary>Calls under way.</summary>
    public int InFlight => _inFlight;

    /// <summary>Makes load for as long as the settings say, or until it is told to stop, and waits for the answers to all of it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var end = settings.Seconds * Clock.Second;
        var due = 0.0;
        while (!stop.IsCancellationRequested && !_broken.Task.IsCompleted)
        {
            if (settings.Rate is { } rate)
            {
                // The gaps of a rate that comes from many who know nothing of each other.
                due += -Math.Log(1 - _random.NextDouble()) * Clock.Second / (rate * settings.Scenario.Pace(Math.Min(due / end, 1)));
                await UntilAsync((long)due);
            }
            else
            {
                due = clock.Now;
            }

            if (Math.Max(due, clock.Now) >= end)
            {
                break;
            }

            await _free.WaitAsync(CancellationToken.None);
            Interlocked.Increment(ref _inFlight);
            _ = MakeAsync(_traffic.Next(due / end), settings.Rate is null ? clock.Now : (long)due);
        }

        for (var slot = 0; slot < settings.Connections; slot++)
        {
            await _free.WaitAsync(CancellationToken.None);
        }

        if (_broken.Task.IsCompleted)
        {
            await _broken.Task;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();

    private async Task MakeAsync(Call call, long due)
    {
        try
        {
            // Off the thread that chooses.
            await Task.Yield();
            call.Began = clock.Now;
            if (call is Send send)
            {
                await calls.MakeAsync(send);
                send.Ended = clock.Now;
                meter.Count(send, due);
                _sends.Enqueue(send);
                _traffic.Answered(send);
            }
            else if (call is Act act)
            {
                await calls.MakeAsync(act);
                act.Ended = clock.Now;
                meter.Count(act);
                _acts.Enqueue(act);
                _traffic.Answered(act);
            }
        }
        catch (Exception defect) when (_broken.TrySetException(defect))
        {
            // The run ends with it.
            return;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            _free.Release();
        }
    }

    private async Task UntilAsync(long due)
    {
        for (var wait = due - clock.Now; wait >= 1_000; wait = due - clock.Now)
        {
            await Task.Delay(TimeSpan.FromMicroseconds(wait), TimeProvider.System);
        }
    }
}
