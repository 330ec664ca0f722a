using System.Collections.Immutable;
using System.Reflection;
using Actors.Api.Auth;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy.Templates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Actors.Api.Tests;

/// <summary>What a node may go by without asking a business's grain, and for how long. The grain is a stand-in: it must fail and wait on command.</summary>
public sealed class GraphLeaseTests : IDisposable
{
    private static readonly long Business = Ids.Business(7);
    private readonly FakeTimeProvider _time = new();
    private readonly StandIn _grain = new();
    private readonly LeaseCache _leases;

    public GraphLeaseTests() => _leases = new LeaseCache(StandInFactory.Of(_grain), new DeadNodes(areThere: false), _time, NullLogger<LeaseCache>.Instance);

    public void Dispose() => _leases.Dispose();

    [Fact]
    public async Task A_lease_is_asked_for_once_however_many_wait_for_it()
    {
        _grain.Hold();
        var waiting = Enumerable.Range(0, 10).Select(_ => _leases.GetAsync(Business).AsTask()).ToArray();
        await _grain.AskedAsync(1);
        _grain.Release();

        Assert.Single((await Task.WhenAll(waiting)).Distinct());
        Assert.Equal(1, _grain.Asked);
    }

    [Fact]
    public async Task A_lease_is_used_for_ten_seconds_and_then_renewed_behind_the_callers_back()
    {
        var first = await _leases.GetAsync(Business);
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.Same(first, await _leases.GetAsync(Business));
        Assert.Equal(1, _grain.Asked);

        _time.Advance(TimeSpan.FromTicks(1));
        _grain.Hold();
        Assert.Same(first, await _leases.GetAsync(Business));   // answers while the question is still out
        await _grain.AskedAsync(2);
        _grain.Release();

        var renewed = await _leases.AskedSinceAsync(Business, _time.GetTimestamp());
        Assert.NotSame(first, renewed);
        Assert.Equal(2, _grain.Asked);
    }

    [Fact]
    public async Task The_loss_of_a_businesss_grain_stops_nobody_while_a_lease_holds_which_is_15_s_at_least()
    {
        // Lost when the lease was about to be renewed.
        var lease = await _leases.GetAsync(Business);
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.Same(lease, await _leases.GetAsync(Business));
        Assert.Equal(1, _grain.Asked);
        _grain.Fail(new OutageException(OutageKind.Unavailable, "gone"));

        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Same(lease, await _leases.GetAsync(Business));
        await _grain.AskedAsync(2);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Same(lease, await _leases.GetAsync(Business));

        _time.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<OutageException>(async () => await _leases.GetAsync(Business));
        _grain.Fail(null);
        Assert.NotSame(lease, await _leases.GetAsync(Business));
    }

    [Fact]
    public async Task A_revocation_that_this_node_did_not_hear_of_stops_all_but_sends_at_once()
    {
        var settings = new AuthSettings { SigningKey = "0123456789abcdef0123456789abcdef" };
        var access = new Access(new TokenReader(settings, _time), _leases, _time);
        var token = new TokenIssuer(settings, _time).ForBusiness(Business, Scopes.Send | Scopes.Manage, 0, TimeSpan.FromHours(1));
        var send = new AccessRule(Business: Scopes.Send, ByLease: true);
        var manage = new AccessRule(Business: Scopes.Manage);
        Assert.Equal((null, null), (await CheckAsync(send), await CheckAsync(manage)));

        _grain.TokenEpoch = 1;
        _time.Advance(TimeSpan.FromMilliseconds(1));

        // The fence refuses the send's commit: the lease is enough here, and the business's grain isn't asked.
        var asked = _grain.Asked;
        Assert.Null(await CheckAsync(send));
        Assert.Equal(asked, _grain.Asked);
        Assert.Equal(AccessDenial.TokenInvalid, await CheckAsync(manage));
        Assert.Equal(AccessDenial.TokenInvalid, await CheckAsync(send));

        async Task<AccessDenial?> CheckAsync(AccessRule rule)
        {
            var context = new DefaultHttpContext();
            context.Request.Headers.Authorization = "Bearer " + token;
            return await access.CheckAsync(context, rule, Business, null, tokenInQuery: false);
        }
    }

    [Fact]
    public async Task A_dropped_lease_is_used_no_more_not_even_when_it_was_under_way()
    {
        var first = await _leases.GetAsync(Business);
        await _leases.DropAsync(Business);
        _grain.Hold();
        var underWay = _leases.GetAsync(Business).AsTask();
        await _grain.AskedAsync(2);
        await _leases.DropAsync(Business);
        _grain.Release();

        var overtaken = await underWay;
        var newest = await _leases.GetAsync(Business);

        Assert.Equal(3, new[] { first, overtaken, newest }.Distinct().Count());
    }

    [Fact]
    public async Task A_lease_asked_for_since_an_instant_is_never_one_asked_for_before()
    {
        _grain.Hold();
        var before = _leases.GetAsync(Business).AsTask();
        await _grain.AskedAsync(1);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var since = _leases.AskedSinceAsync(Business, _time.GetTimestamp()).AsTask();
        _grain.Release();

        Assert.NotSame(await before, await since);
        Assert.Equal(2, _grain.Asked);
    }

    [Fact]
    public async Task A_business_that_does_not_exist_has_no_lease_and_is_asked_for_again()
    {
        _grain.Exists = false;
        Assert.Null(await _leases.GetAsync(Business));

        _grain.Exists = true;
        Assert.NotNull(await _leases.GetAsync(Business));
    }

    [Fact]
    public async Task Templates_are_looked_up_once_for_each_lease_and_a_failed_look_is_repeated()
    {
        var lease = (await _leases.GetAsync(Business))!;
        _grain.Fail(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(async () => await lease.TemplateAsync("hello", "en"));
        _grain.Fail(null);

        Assert.NotNull(await lease.TemplateAsync("hello", "en"));
        Assert.NotNull(await lease.TemplateAsync("hello", "EN"));
        Assert.Null(await lease.TemplateAsync("hello", "de"));
        Assert.Null(await lease.TemplateAsync("No Such Name", "en"));
        Assert.Equal(2, _grain.TemplatesAsked);

        await _leases.DropAsync(Business);
        await (await _leases.GetAsync(Business))!.TemplateAsync("hello", "en");
        Assert.Equal(3, _grain.TemplatesAsked);
    }

    /// <summary>A business's grain and its templates' that do as they are told.</summary>
    private sealed class StandIn
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<int, TaskCompletionSource> _asked = [];
        private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Exception? _failure;

        public StandIn() => _gate.SetResult();

        public int Asked { get; private set; }

        public int TemplatesAsked { get; private set; }

        public bool Exists { get; set; } = true;

        public void Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate.TrySetResult();

        public void Fail(Exception? failure) => _failure = failure;

        public Task AskedAsync(int times)
        {
            lock (_lock)
            {
                return Asked >= times ? Task.CompletedTask : Of(times).Task;
            }
        }

        public async Task<BusinessLease?> LeaseAsync()
        {
            Task gate;
            lock (_lock)
            {
                Asked++;
                Of(Asked).TrySetResult();
                gate = _gate.Task;
            }

            await gate;
            return _failure is { } failure ? throw failure : Exists ? new BusinessLease(1, View, new Policy.Instant(1)) : null;
        }

        public Task<ImmutableArray<TemplateView>> TemplatesAsync()
        {
            TemplatesAsked++;
            return _failure is { } failure ? Task.FromException<ImmutableArray<TemplateView>>(failure) : Task.FromResult(ImmutableArray.Create(Template));
        }

        private TaskCompletionSource Of(int times) => _asked.TryGetValue(times, out var one) ? one
            : _asked[times] = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int TokenEpoch { get; set; }

        private BusinessView View => new() { Id = Business, TokenEpoch = TokenEpoch, Profile = new(), Registration = new("a", "DE", [], null, null, null) };

        private static TemplateView Template => new()
        {
            Id = Ids.Template(Business, 0),
            Components = default,
            Status = TemplateStatus.Approved,
            Content = new TemplateContent { Name = "hello", Language = "en", Category = Policy.Category.Utility, Body = "Hello" },
        };
    }

    /// <summary>Hands out the stand-in, whatever is asked for. Public, as the proxy's type must be.</summary>
    public class StandInFactory : DispatchProxy
    {
        private Func<string, object?>? _answer;

        internal static IGrainFactory Of(object grain)
        {
            var standIn = (StandIn)grain;
            var proxy = Create<IGrainFactory, StandInFactory>();
            ((StandInFactory)(object)proxy)._answer = name => name switch
            {
                "LeaseAsync" => standIn.LeaseAsync(),
                "GetAsync" => standIn.TemplatesAsync(),
                _ => null,
            };
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == "CreateObjectReference")
            {
                return args![0];
            }

            if (targetMethod.Name != "GetGrain")
            {
                return _answer!(targetMethod.Name);
            }

            var grain = targetMethod.GetGenericArguments()[0] == typeof(IBusinessGrain)
                ? (object)Create<IBusinessGrain, StandInFactory>() : Create<ITemplateGrain, StandInFactory>();
            ((StandInFactory)grain)._answer = _answer;
            return grain;
        }
    }
}
