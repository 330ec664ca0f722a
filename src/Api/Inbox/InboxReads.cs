using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Api.Inbox;

/// <summary>
/// What streams ask of the ledger, gathered: while one call is under way the next ones gather, so that many users' messages cost one question. Nothing waits
/// for a timer.
/// </summary>
internal sealed class InboxReads(IGrainFactory grains)
{
    private readonly Gathered<InboxPlace, InboxPage> _messages = new(places => grains.GetGrain<IInboxGrain>(0).MessagesAsync(places));

    private readonly Gathered<StatusPlace, ImmutableArray<StatusNote>> _statuses = new(places => grains.GetGrain<IInboxGrain>(0).StatusesAsync(places));

    /// <summary>A user's next messages, read after this call, never before.</summary>
    public Task<InboxPage> MessagesAsync(InboxPlace place) => _messages.AskAsync(place);

    /// <summary>Statuses that a device may have missed.</summary>
    public Task<ImmutableArray<StatusNote>> StatusesAsync(StatusPlace place) => _statuses.AskAsync(place);

    /// <param name="ask">Answers the first of the questions, in order; at least one.</param>
    private sealed class Gathered<TAsk, TAnswer>(Func<ImmutableArray<TAsk>, Task<ImmutableArray<TAnswer>>> ask)
        where TAsk : struct
    {
        private const int AtOnce = 2;
        private const int QuestionsMax = 256;

        private readonly Lock _lock = new();
        private readonly Queue<(TAsk Ask, TaskCompletionSource<TAnswer> Answer)> _waiting = new();
        private int _under;

        public Task<TAnswer> AskAsync(TAsk question)
        {
            var answer = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _waiting.Enqueue((question, answer));
                if (_under == AtOnce)
                {
                    return answer.Task;
                }

                _under++;
            }

            _ = Task.Run(EmptyAsync);
            return answer.Task;
        }

        private async Task EmptyAsync()
        {
            while (Take() is { Count: > 0 } some)
            {
                try
                {
                    var answers = await ask([.. some.Select(one => one.Ask)]);
                    for (var i = 0; i < answers.Length; i++)
                    {
                        some[i].Answer.SetResult(answers[i]);
                    }

                    foreach (var (question, answer) in some.Skip(answers.Length))
                    {
                        lock (_lock)
                        {
                            _waiting.Enqueue((question, answer));
                        }
                    }
                }
#pragma warning disable CA1031 // Whoever asked is told, whatever it was.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    foreach (var (_, answer) in some)
                    {
                        answer.TrySetException(exception);
                    }
                }
            }
        }

        /// <summary>The next questions; none ends this one of those who ask.</summary>
        private List<(TAsk Ask, TaskCompletionSource<TAnswer> Answer)> Take()
        {
            lock (_lock)
            {
                var some = new List<(TAsk, TaskCompletionSource<TAnswer>)>(Math.Min(QuestionsMax, _waiting.Count));
                while (some.Count < QuestionsMax && _waiting.TryDequeue(out var one))
                {
                    some.Add(one);
                }

                _under -= some.Count == 0 ? 1 : 0;
                return some;
            }
        }
    }
}
