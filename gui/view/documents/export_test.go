package documents

// Operations are the operations of what is being added, in order.
func (r *Room) Operations() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, i := range r.incoming.items {
		all = append(all, i.operation)
	}
	return all
}
