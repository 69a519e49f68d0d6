using System.Net;
using StreamSQL.Broker.Security;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;
using StreamSQL.UnitTests.Broker.Network;
using StreamSQL.UnitTests.Broker.Support;

namespace StreamSQL.UnitTests.Broker.Handlers;

/// <summary>Users and their passwords as Kafka's admin clients list and change them (KIP-554).</summary>
public sealed class UserScramHandlersTests : IAsyncLifetime
{
    private readonly Dictionary<(string User, ScramMechanism Mechanism), ScramCredential> _kept = [];
    private readonly List<UserCaller> _callers = [];
    private ServedBroker _broker = null!;
    private InMemoryKafkaClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await ServedBroker.OpenAsync();
        _broker.Services.Users = new(List, ChangeAsync);
        _client = _broker.Connect(IPAddress.Parse("10.1.2.3"));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task What_is_set_is_described_until_it_is_deleted()
    {
        (await AlterAsync(sets: [Set("ann", 1, 5000), Set("ann", 2, 8192), Set("bob", 1, 4096)])).ShouldBe(["ann None ", "bob None "]);
        _callers.ShouldAllBe(static caller => caller.User == null && caller.Address!.ToString() == "10.1.2.3");
        (await DescribeAsync()).ShouldBe(["ann None 1:5000 2:8192", "bob None 1:4096"]);
        (await DescribeAsync("bob")).ShouldBe(["bob None 1:4096"]);

        (await AlterAsync([Delete("ann", 1), Delete("bob", 1)], Set("ann", 2, 4096))).ShouldBe(["ann None ", "bob None "]);
        (await DescribeAsync("ann", "bob")).ShouldBe(["ann None 2:4096", "bob ResourceNotFound "]);
    }

    [Fact]
    public async Task A_credential_is_what_the_client_hashed()
    {
        await AlterAsync(sets: [Set("ann", 1, 4096)]);
        var expected = ScramMechanisms.CredentialOf(ScramMechanism.Sha256, new byte[] { 1, 2, 3 }, 4096, new byte[32]);

        var kept = _kept[("ann", ScramMechanism.Sha256)];
        kept.Salt.ToArray().ShouldBe([1, 2, 3]);
        kept.StoredKey.ToArray().ShouldBe(expected.StoredKey.ToArray());
        kept.ServerKey.ToArray().ShouldBe(expected.ServerKey.ToArray());
    }

    [Fact]
    public async Task Of_a_user_whose_changes_are_not_all_right_nothing_changes()
    {
        await AlterAsync(sets: [Set("ann", 1, 5000)]);

        (await AlterAsync([Delete("ann", 2)], Set("ann", 1, 6000))).ShouldBe(["ann ResourceNotFound "]);
        (await AlterAsync([Delete("ann", 1)], Set("ann", 1, 6000))).ShouldBe(["ann DuplicateResource "]);
        (await AlterAsync(sets: [Set("ann", 1, 6000), Set("ann", 1, 7000)])).ShouldBe(["ann DuplicateResource "]);
        (await AlterAsync(sets: [Set("ann", 1, 4095), Set("bob", 1, 16_385)]))
            .ShouldBe(["ann UnacceptableCredential ", "bob UnacceptableCredential "]);
        (await AlterAsync([Delete("ann", 0)], Set("bob", 3, 4096)))
            .ShouldBe(["ann UnsupportedSaslMechanism ", "bob UnsupportedSaslMechanism "]);
        (await AlterAsync(sets: [Set("", 1, 4096), Set("forbidden", 1, 4096)]))
            .ShouldBe([" UnacceptableCredential ", "forbidden ClusterAuthorizationFailed "]);

        (await DescribeAsync()).ShouldBe(["ann None 1:5000"]);
        (await DescribeAsync("ann", "eve", "ann")).ShouldBe(["ann DuplicateResource ", "eve ResourceNotFound "]);
    }

    [Fact]
    public async Task A_broker_without_users_has_none_and_takes_none()
    {
        _broker.Services.Users = null;

        (await DescribeAsync()).ShouldBeEmpty();
        (await AlterAsync(sets: [Set("ann", 1, 4096)])).ShouldBe(["ann SecurityDisabled "]);
    }

    private List<UserCredential> List() =>
        [.. _kept.OrderBy(static kept => kept.Key).Select(static kept => new UserCredential(kept.Key.User, kept.Key.Mechanism, kept.Value.Iterations))];

    private Task ChangeAsync(UserChange change, UserCaller caller)
    {
        _callers.Add(caller);
        if (change.User == "forbidden")
            throw new KafkaException(ErrorCode.ClusterAuthorizationFailed, "no");
        foreach (var (mechanism, credential) in change.Credentials)
        {
            if (credential is null)
                _kept.Remove((change.User, mechanism));
            else
                _kept[(change.User, mechanism)] = credential;
        }

        return Task.CompletedTask;
    }

    private async Task<List<string>> DescribeAsync(params string[] users)
    {
        var response = await _client.AskAsync(Apis.DescribeUserScramCredentials, 0, new DescribeUserScramCredentialsRequest
            { Users = users.Length == 0 ? null : [.. users.Select(static name => new DescribeUserScramCredentialsRequest.UserName { Name = name })] });
        response.ErrorCode.ShouldBe(ErrorCode.None);
        response.Results.ShouldAllBe(static r => (r.ErrorMessage == null) == (r.ErrorCode == ErrorCode.None));
        return [.. response.Results.Select(static r =>
            $"{r.User} {r.ErrorCode} {string.Join(' ', r.CredentialInfos.Select(static c => $"{c.Mechanism}:{c.Iterations}"))}")];
    }

    private async Task<List<string>> AlterAsync(
        AlterUserScramCredentialsRequest.Deletion[]? deletions = null, params AlterUserScramCredentialsRequest.Upsertion[] sets)
    {
        var response = await _client.AskAsync(Apis.AlterUserScramCredentials, 0, new AlterUserScramCredentialsRequest
            { Deletions = [.. deletions ?? []], Upsertions = [.. sets] });
        return [.. response.Results.Select(static r => $"{r.User} {r.ErrorCode} ")];
    }

    private static AlterUserScramCredentialsRequest.Deletion Delete(string user, sbyte mechanism) =>
        new() { Name = user, Mechanism = mechanism };

    private static AlterUserScramCredentialsRequest.Upsertion Set(string user, sbyte mechanism, int iterations) => new()
    {
        Name = user, Mechanism = mechanism, Iterations = iterations, Salt = new byte[] { 1, 2, 3 },
        SaltedPassword = new byte[mechanism == 2 ? 64 : 32],
    };
}
